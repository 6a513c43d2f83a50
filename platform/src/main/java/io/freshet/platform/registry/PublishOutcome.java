package io.freshet.platform.registry;

/** How a publication ended. Failures before the commit are {@link RegistryException} instead. */
public sealed interface PublishOutcome {
  /** The release is durable, and every reader sees it. */
  record Published(ModelVersion version, Manifest manifest) implements PublishOutcome {}

  /**
   * Others were faster each time. Nothing was published; publishing again is safe.
   *
   * @param lastTried the number that someone else took last
   */
  record Conflict(ModelVersion lastTried) implements PublishOutcome {}

  /**
   * The storage failed at the commit and it can't be told whether the release is there. Delete
   * nothing; look for the manifest among the newest versions later.
   *
   * @param manifestSha256 digest of the manifest that is there if the release is
   */
  record Unknown(ModelVersion attempted, String manifestSha256, String cause)
      implements PublishOutcome {}
}
