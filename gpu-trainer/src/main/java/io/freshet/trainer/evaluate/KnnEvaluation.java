package io.freshet.trainer.evaluate;

import java.util.Arrays;

/**
 * Weighted nearest-neighbour classification as DINOv2 does it ({@code dinov2/eval/knn.py}):
 * features are L2-normalised, the {@code maxNeighbours} nearest bank vectors by cosine vote with
 * weight {@code softmax(cosine / temperature)} taken over all of them, and the vote for {@code k}
 * sums the first {@code k} of these weights.
 *
 * <p>Immutable and thread-safe.
 */
public final class KnnEvaluation {
  private static final double MIN_NORM = 1e-12;
  private static final int NOBODY = -1;

  private final int maxNeighbours;
  private final double temperature;

  /**
   * @param maxNeighbours neighbours that the softmax covers, at least 1
   * @param temperature above 0; DINOv2 uses 0.07
   */
  public KnnEvaluation(int maxNeighbours, double temperature) {
    if (maxNeighbours < 1) {
      throw new IllegalArgumentException(
          "maxNeighbours is " + maxNeighbours + "; a vote needs at least 1 neighbour");
    }
    if (!(temperature > 0)) {
      throw new IllegalArgumentException(
          "temperature is " + temperature + "; it must be above 0, DINOv2 uses 0.07");
    }
    this.maxNeighbours = maxNeighbours;
    this.temperature = temperature;
  }

  /** Accuracy of the vote of {@code k = maxNeighbours} neighbours. */
  public KnnScore score(LabelledFeatures bank, LabelledFeatures queries) {
    return score(bank, queries, maxNeighbours);
  }

  /**
   * Share of queries whose label is the most voted one, and among the five most voted.
   *
   * @param k neighbours that vote, 1 to {@code maxNeighbours}
   */
  public KnnScore score(LabelledFeatures bank, LabelledFeatures queries, int k) {
    return neighbours(bank, queries).score(k);
  }

  /** The votes of each query, (queries, classes); each row sums to at most 1. */
  float[][] votes(LabelledFeatures bank, LabelledFeatures queries, int k) {
    return neighbours(bank, queries).votes(k);
  }

  /** The nearest bank vectors of each query. */
  public KnnNeighbours neighbours(LabelledFeatures bank, LabelledFeatures queries) {
    float[][] bankRows = normalised(bank.features());
    float[][] queryRows = normalised(queries.features());
    Neighbour[][] nearest = new Neighbour[queryRows.length][];
    for (int query = 0; query < nearest.length; query++) {
      nearest[query] = nearest(queryRows[query], bankRows, NOBODY);
    }
    return new KnnNeighbours(nearest, bank.labels(), queries.labels(), maxNeighbours, temperature);
  }

  /** The nearest other vectors of each: every vector is asked, with all others as the bank. */
  public KnnNeighbours leaveOneOut(LabelledFeatures all) {
    float[][] rows = normalised(all.features());
    Neighbour[][] nearest = new Neighbour[rows.length][];
    for (int query = 0; query < nearest.length; query++) {
      nearest[query] = nearest(rows[query], rows, query);
    }
    return new KnnNeighbours(nearest, all.labels(), all.labels(), maxNeighbours, temperature);
  }

  /** A bank vector that is near a query. */
  record Neighbour(int index, float cosine) {}

  /**
   * The nearest bank vectors, nearest first; equal cosines in bank order.
   *
   * @param except the bank vector that is overlooked, or {@link #NOBODY}
   */
  private Neighbour[] nearest(float[] query, float[][] bank, int except) {
    int eligible = bank.length - (except == NOBODY ? 0 : 1);
    Neighbour[] best = new Neighbour[Math.min(maxNeighbours, eligible)];
    int found = 0;
    for (int index = 0; index < bank.length; index++) {
      if (index == except) {
        continue;
      }
      float cosine = dot(query, bank[index]);
      if (found == best.length && cosine <= best[found - 1].cosine()) {
        continue;
      }
      int slot = found < best.length ? found++ : found - 1;
      while (slot > 0 && best[slot - 1].cosine() < cosine) {
        best[slot] = best[slot - 1];
        slot--;
      }
      best[slot] = new Neighbour(index, cosine);
    }
    return best;
  }

  static float[][] normalised(float[][] rows) {
    float[][] unit = new float[rows.length][];
    for (int row = 0; row < rows.length; row++) {
      float scale = (float) (1 / Math.max(Math.sqrt(dot(rows[row], rows[row])), MIN_NORM));
      unit[row] = Arrays.copyOf(rows[row], rows[row].length);
      for (int i = 0; i < unit[row].length; i++) {
        unit[row][i] *= scale;
      }
    }
    return unit;
  }

  private static float dot(float[] a, float[] b) {
    float sum0 = 0;
    float sum1 = 0;
    float sum2 = 0;
    float sum3 = 0;
    int i = 0;
    for (; i + 3 < a.length; i += 4) {
      sum0 += a[i] * b[i];
      sum1 += a[i + 1] * b[i + 1];
      sum2 += a[i + 2] * b[i + 2];
      sum3 += a[i + 3] * b[i + 3];
    }
    for (; i < a.length; i++) {
      sum0 += a[i] * b[i];
    }
    return sum0 + sum1 + sum2 + sum3;
  }
}
