package io.freshet.sink.parquet;

import io.freshet.platform.config.DataSize;
import java.io.Serializable;
import java.nio.file.Path;

/**
 * Section {@code features.files}.
 *
 * @param enabled whether there are files at all
 * @param dir what the folders of the spaces lie in
 * @param compactCheckpoints files of so many checkpoints become one; 1 leaves them as they are
 * @param targetSize a file that is as large is not put together with others
 * @param rowGroupSize rows that an open file keeps in memory, before it writes them
 */
public record FeatureFilesConfig(
    boolean enabled, Path dir, int compactCheckpoints, DataSize targetSize, DataSize rowGroupSize)
    implements Serializable {
  private static final long MIN_ROW_GROUP = 64 << 10;

  public FeatureFilesConfig {
    if (compactCheckpoints < 1) {
      throw new IllegalArgumentException(
          "compact_checkpoints must be at least 1, not " + compactCheckpoints);
    }
    if (rowGroupSize.bytes() < MIN_ROW_GROUP || rowGroupSize.compareTo(targetSize) > 0) {
      throw new IllegalArgumentException(
          "row_group_size must be at least 64KiB and no more than target_size, not %s and %s"
              .formatted(rowGroupSize, targetSize));
    }
  }

  // java.nio.file.Path is not serializable, and Flink ships this record with its operators.
  private Object writeReplace() {
    return new Shipped(enabled, dir.toString(), compactCheckpoints, targetSize, rowGroupSize);
  }

  private record Shipped(
      boolean enabled,
      String dir,
      int compactCheckpoints,
      DataSize targetSize,
      DataSize rowGroupSize)
      implements Serializable {
    private Object readResolve() {
      return new FeatureFilesConfig(
          enabled, Path.of(dir), compactCheckpoints, targetSize, rowGroupSize);
    }
  }
}
