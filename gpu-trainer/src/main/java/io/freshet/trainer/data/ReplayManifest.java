package io.freshet.trainer.data;

import java.util.List;

/**
 * Content of a {@link ReplayBuffer}: references, no pixels.
 *
 * @param admitted samples ever taken in
 * @param repeated samples refused because their image was held
 * @param offered samples that ever left the fresh tier for the balanced one
 * @param fresh the fresh tier, oldest first
 * @param balanced the balanced tier, bucket by bucket in order of first appearance
 * @param quarantined ids of images that are kept out, oldest first
 */
public record ReplayManifest(
    long admitted,
    long repeated,
    long offered,
    List<Sample> fresh,
    List<Bucket> balanced,
    List<String> quarantined) {
  public ReplayManifest {
    fresh = List.copyOf(fresh);
    balanced = List.copyOf(balanced);
    quarantined = List.copyOf(quarantined);
  }

  /**
   * One concept of the balanced tier.
   *
   * @param name data set and concept
   * @param offered samples of the concept that ever reached the tier
   */
  public record Bucket(String name, long offered, List<Sample> samples) {
    public Bucket {
      samples = List.copyOf(samples);
    }
  }

  public static ReplayManifest empty() {
    return new ReplayManifest(0, 0, 0, List.of(), List.of(), List.of());
  }
}
