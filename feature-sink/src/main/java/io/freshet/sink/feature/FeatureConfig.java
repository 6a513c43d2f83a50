package io.freshet.sink.feature;

import io.freshet.platform.flink.FlinkConfig;
import io.freshet.platform.flink.PartKeys;
import io.freshet.sink.parquet.FeatureFilesConfig;
import java.io.Serializable;
import java.time.Duration;

/**
 * Section {@code features}.
 *
 * @param batchImages images of one forward pass
 * @param linger how long an image waits for others to share a forward pass with
 * @param buckets independent groups that images are batched in, 1 to 128; the highest useful
 *     parallelism
 * @param awaitChampion pause between looks for the first champion while images wait for it, and for
 *     an order to backfill
 * @param patches whose features of patches are published
 * @param files the Parquet files
 */
public record FeatureConfig(
    int batchImages,
    Duration linger,
    int buckets,
    Duration awaitChampion,
    PatchConfig patches,
    FeatureFilesConfig files)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  public FeatureConfig {
    if (batchImages < 1) {
      throw new IllegalArgumentException("batch_images must be at least 1, not " + batchImages);
    }
    if (buckets < 1 || buckets > FlinkConfig.MAX_PARALLELISM) {
      throw new IllegalArgumentException(
          "buckets must be 1..%d, not %d".formatted(FlinkConfig.MAX_PARALLELISM, buckets));
    }
    if (linger.isNegative() || awaitChampion.isNegative() || awaitChampion.isZero()) {
      throw new IllegalArgumentException(
          "linger must not be negative and await_champion must be positive, not %s and %s"
              .formatted(linger, awaitChampion));
    }
  }

  /**
   * The buckets, named by the keys that their state lies under: each image is batched in that of
   * its id.
   */
  public PartKeys bucketKeys() {
    return PartKeys.of(buckets);
  }
}
