package io.freshet.sink.feature;

import io.freshet.platform.flink.PartKeys;
import java.io.Serializable;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The groups that the feature job batches images in, each in one task. They are named by the keys
 * that their state lies under, which tasks share evenly.
 */
public final class FeatureBuckets implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int count;
  private final PartKeys keys;

  private FeatureBuckets(int count) {
    this.count = count;
    this.keys = PartKeys.of(count);
  }

  public static FeatureBuckets of(FeatureConfig config) {
    return new FeatureBuckets(config.buckets());
  }

  /** The one of an image. */
  public int of(String imageId) {
    return keys.key(Math.floorMod(imageId.hashCode(), count));
  }

  public Set<Integer> all() {
    return IntStream.range(0, count).map(keys::key).boxed().collect(Collectors.toSet());
  }
}
