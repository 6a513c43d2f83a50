package io.freshet.dedup;

import io.freshet.dedup.hash.HashRow;
import io.freshet.dedup.similarity.CellLayout;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * Section {@code dedup}.
 *
 * @param hash copies by PDQ hash
 * @param embedding copies by copy-detection embedding
 */
public record DedupConfig(Hash hash, Embedding embedding) implements Serializable {
  public DedupConfig {
    Objects.requireNonNull(hash, "hash");
    Objects.requireNonNull(embedding, "embedding");
  }

  /**
   * @param maxDistance bits in which two hashes of copies differ at most, 0..31
   * @param minQuality hashes of less quality (0..100) are not compared
   */
  public record Hash(int maxDistance, int minQuality) implements Serializable {
    public Hash {
      requireRange("dedup.hash.max_distance", maxDistance, 0, HashRow.LARGEST_DISTANCE);
      requireRange("dedup.hash.min_quality", minQuality, 0, 101);
    }
  }

  /**
   * @param model directory of the embedder; empty for the bundled one. Pinned by the job's state
   * @param threshold cosine above which two images are copies, between 0 and 1
   * @param benchmarkThreshold cosine above which an image is too near to a BENCHMARK seed, above 0
   *     and at most the threshold of copies
   * @param batch most images embedded at once
   * @param linger longest time that an image waits for others to be embedded with
   * @param cellBits 2^cellBits cells hold the vectors. Pinned by the job's state
   * @param probeBits 2^probeBits of them are searched
   */
  public record Embedding(
      String model,
      double threshold,
      double benchmarkThreshold,
      int batch,
      Duration linger,
      int cellBits,
      int probeBits)
      implements Serializable {
    public Embedding {
      Objects.requireNonNull(model, "model");
      if (!(threshold > 0 && threshold < 1)) {
        throw new IllegalArgumentException(
            "dedup.embedding.threshold is %s, must lie between 0 and 1".formatted(threshold));
      }
      if (!(benchmarkThreshold > 0 && benchmarkThreshold <= threshold)) {
        throw new IllegalArgumentException(
            "dedup.embedding.benchmark_threshold is %s, must lie above 0 and at most at threshold, %s"
                .formatted(benchmarkThreshold, threshold));
      }
      requireRange("dedup.embedding.batch", batch, 1, 1024);
      if (linger.isNegative() || linger.compareTo(Duration.ofMinutes(1)) > 0) {
        throw new IllegalArgumentException(
            "dedup.embedding.linger is %s, must be at most 1m".formatted(linger));
      }
      requireRange("dedup.embedding.cell_bits", cellBits, 0, 20);
      requireRange("dedup.embedding.probe_bits", probeBits, 0, Math.min(12, cellBits));
    }

    /** A new one for each task: a layout has one owner. */
    public CellLayout layout() {
      return new CellLayout(cellBits, probeBits);
    }
  }

  private static void requireRange(String key, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s is %d, must be %d..%d".formatted(key, value, least, most));
    }
  }
}
