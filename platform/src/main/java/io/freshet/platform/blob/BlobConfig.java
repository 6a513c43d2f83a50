package io.freshet.platform.blob;

import io.freshet.platform.config.DataSize;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Section {@code blobs}.
 *
 * @param dir directory of the shards
 * @param shardMaxSize a shard never exceeds it, and so no object can; at least 4 KiB
 */
public record BlobConfig(Path dir, DataSize shardMaxSize) implements Serializable {
  private static final DataSize SMALLEST = new DataSize(4 << 10);

  public BlobConfig {
    Objects.requireNonNull(dir, "dir");
    if (shardMaxSize.compareTo(SMALLEST) < 0) {
      throw new IllegalArgumentException(
          "shard_max_size is %s, must be at least %s".formatted(shardMaxSize, SMALLEST));
    }
  }

  // java.nio.file.Path is not serializable, and Flink ships this record with its operators.
  private Object writeReplace() {
    return new Shipped(dir.toString(), shardMaxSize);
  }

  private record Shipped(String dir, DataSize shardMaxSize) implements Serializable {
    private Object readResolve() {
      return new BlobConfig(Path.of(dir), shardMaxSize);
    }
  }
}
