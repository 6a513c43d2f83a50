package io.freshet.dedup;

import io.freshet.dedup.hash.RowPair;
import io.freshet.dedup.similarity.CellSettings;
import io.freshet.dedup.similarity.CopyBound;
import io.freshet.dedup.similarity.Normalisation;
import io.freshet.dedup.state.Retention;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * Section {@code dedup}.
 *
 * @param hash copies by PDQ hash
 * @param embedding copies by copy-detection embedding
 * @param retention how long stored hashes and vectors are compared with new ones
 */
public record DedupConfig(Hash hash, Embedding embedding, Retention retention)
    implements Serializable {
  public DedupConfig {
    Objects.requireNonNull(hash, "hash");
    Objects.requireNonNull(embedding, "embedding");
    Objects.requireNonNull(retention, "retention");
  }

  /**
   * @param maxDistance bits in which two hashes of copies differ at most, 0..31
   * @param minQuality hashes of less quality (0..100) are not compared
   */
  public record Hash(int maxDistance, int minQuality) implements Serializable {
    public Hash {
      requireRange("dedup.hash.max_distance", maxDistance, 0, RowPair.LARGEST_DISTANCE);
      requireRange("dedup.hash.min_quality", minQuality, 0, 101);
    }
  }

  /**
   * @param model file or directory of the embedder; empty for the bundled one. Pinned by the job's
   *     state
   * @param threshold cosine above which two images are copies, between 0 and 1; with normalisation
   *     of two that are as near to the background as images usually are
   * @param benchmarkThreshold cosine above which an image is too near to a BENCHMARK seed, above 0
   *     and at most the threshold of copies
   * @param batch most images embedded at once
   * @param linger longest time that an image waits for others to be embedded with
   * @param cellEntries vectors that a cell should hold; a fuller one is divided
   * @param cells the most there may be; each takes 4 bytes of native memory an element of a vector
   * @param probes the most cells that an image is looked up in
   * @param probeMargin cosine by which a cell's founder may lie behind the nearest one, 0 to 2
   * @param normalisation of scores by how near images are to much else
   */
  public record Embedding(
      String model,
      double threshold,
      double benchmarkThreshold,
      int batch,
      Duration linger,
      int cellEntries,
      int cells,
      int probes,
      double probeMargin,
      Normalisation normalisation)
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
      requireRange(
          "dedup.embedding.cell_entries",
          cellEntries,
          CellSettings.LEAST_ENTRIES,
          CellSettings.MOST_ENTRIES);
      requireRange("dedup.embedding.cells", cells, 1, CellSettings.MOST_CELLS);
      requireRange("dedup.embedding.probes", probes, 1, CellSettings.MOST_CELLS);
      if (!(probeMargin >= 0 && probeMargin <= CellSettings.LARGEST_MARGIN)) {
        throw new IllegalArgumentException(
            "dedup.embedding.probe_margin is %s, must be 0..%s"
                .formatted(probeMargin, CellSettings.LARGEST_MARGIN));
      }
      Objects.requireNonNull(normalisation, "normalisation");
    }

    /** Where two images are copies. */
    public CopyBound copyBound() {
      return new CopyBound(threshold, normalisation.weight());
    }

    public CellSettings cellSettings() {
      return new CellSettings(cellEntries, cells, probes, probeMargin, threshold);
    }
  }

  private static void requireRange(String key, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s is %d, must be %d..%d".formatted(key, value, least, most));
    }
  }
}
