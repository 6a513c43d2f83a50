package io.freshet.dedup.component;

/** What a {@link ComponentTracker} says of an image. */
public sealed interface Verdict {
  String imageId();

  /** The first of its component that was decided. */
  record Keeper(String imageId) implements Verdict {}

  /**
   * @param keptImageId the component's keeper at this moment
   * @param evidence the strongest edge that the image had when it was decided
   */
  record Copy(String imageId, String keptImageId, Evidence evidence) implements Verdict {}

  /**
   * An earlier keeper is one no more: an edge joined its component to an older keeper's.
   *
   * @param keptImageId the older keeper
   */
  record Retracted(String imageId, String keptImageId) implements Verdict {}
}
