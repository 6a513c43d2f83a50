package io.freshet.platform.registry;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/**
 * A catalog into which releases are published, and whose files are used in a local directory: where
 * they lie, or a verified copy. A release never changes once it has a number; a model's numbers are
 * given in order from 1 and none is given again; an alias moves atomically.
 *
 * <p>Thread-safe; any number of processes may use one registry at once.
 */
public interface ModelRegistry extends ReleaseCatalog {
  /**
   * For the start of whoever writes: makes sure that the storage does what the guarantees above
   * rest on. Writing asks for it too; once it was answered it costs nothing.
   *
   * @throws RegistryException when it does not, or can't be reached; says what to do
   */
  void requireSafeWrites();

  /**
   * Every alias and its target, for whoever looks at all of them: one that was altered has no
   * target, which is logged once, and keeps none of the others from being seen.
   */
  Map<String, Optional<ModelVersion>> aliasesIfIntact();

  /**
   * Publishes a copy of a directory under the next free number.
   *
   * @param model matches {@code [a-z0-9][a-z0-9._-]{0,63}}
   * @param stagedDir regular files and directories only; stays the caller's
   * @throws IllegalArgumentException for bad names, links, or no file at all
   * @throws RegistryException when copying failed, for example because the disk is full; nothing
   *     became visible
   */
  PublishOutcome publish(String model, Path stagedDir, Release release);

  /**
   * A directory with the release. The SHA-256 of each file was compared with the manifest, once as
   * long as size and time of the file stay; nothing else is in it. Where trusted keys are
   * configured one of them signed it. Read-only for the caller.
   *
   * @throws RegistryException when there is no such release
   * @throws ReleaseAlteredException when any file was altered, added or removed, or no trusted key
   *     signed it
   */
  Path open(ModelVersion version);

  /**
   * As {@link #open(ModelVersion)}, for a reader that was told which release it is: a whole release
   * that was swapped, manifest and all, is refused too.
   *
   * @param manifestSha256 64 hex digits, as announced
   */
  default Path open(ModelVersion version, String manifestSha256) {
    String found = manifest(version).sha256();
    if (!found.equals(manifestSha256)) {
      throw new ReleaseAlteredException(
          "%s has the manifest %s, but %s was announced; somebody replaced it"
              .formatted(version, found, manifestSha256));
    }
    return open(version);
  }

  /**
   * What a policy would let go; nothing is removed.
   *
   * @throws ReleaseAlteredException when an alias was altered, for then nobody knows what it needs
   */
  Garbage garbage(RetentionPolicy policy);

  /**
   * Removes what a policy lets go. Readers find a release whole or not at all. Numbers are not
   * given again.
   *
   * @return what is gone
   * @throws ReleaseAlteredException when an alias was altered; nothing is removed
   * @throws RegistryException when the storage refused; what was removed before stays so
   */
  Garbage removeGarbage(RetentionPolicy policy);

  /** Removes what the configured policy lets go, if that is automatic. */
  void tidy();

  /** The newest release of a model in which nothing was altered; checks its files. */
  default Optional<ModelVersion> newestIntact(String model) {
    return versions().stream()
        .filter(version -> version.name().equals(model))
        .sorted(Comparator.reverseOrder())
        .filter(this::isIntact)
        .findFirst();
  }

  /** Whether {@link #open} would succeed. */
  default boolean isIntact(ModelVersion version) {
    try {
      open(version);
      return true;
    } catch (ReleaseAlteredException e) {
      return false;
    }
  }

  /**
   * The release that a run published at a step, so that a publisher that was killed between
   * publishing and announcing announces instead of publishing twice. One whose manifest was altered
   * is not found.
   */
  default Optional<ModelVersion> find(String model, String runId, long step) {
    return intactManifests(model).stream()
        .filter(manifest -> manifest.runId().equals(runId) && manifest.step() == step)
        .map(Manifest::id)
        .max(Comparator.naturalOrder());
  }
}
