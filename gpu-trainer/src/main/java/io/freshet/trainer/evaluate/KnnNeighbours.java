package io.freshet.trainer.evaluate;

import io.freshet.trainer.evaluate.KnnEvaluation.Neighbour;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The nearest bank vectors of each query, and what they vote for. Immutable and thread-safe.
 *
 * @see KnnEvaluation
 */
public final class KnnNeighbours {
  private final Neighbour[][] nearest;
  private final int[] bankLabels;
  private final int[] queryLabels;
  private final int classes;
  private final int maxNeighbours;
  private final double temperature;

  KnnNeighbours(
      Neighbour[][] nearest,
      int[] bankLabels,
      int[] queryLabels,
      int maxNeighbours,
      double temperature) {
    this.nearest = nearest;
    this.bankLabels = bankLabels;
    this.queryLabels = queryLabels;
    this.classes = 1 + Math.max(highest(bankLabels), highest(queryLabels));
    this.maxNeighbours = maxNeighbours;
    this.temperature = temperature;
  }

  private static int highest(int[] labels) {
    return Arrays.stream(labels).max().orElse(-1);
  }

  /** Bank rows nearest to a query, nearest first. */
  public int[] of(int query) {
    return Arrays.stream(nearest[query]).mapToInt(Neighbour::index).toArray();
  }

  /**
   * Share of queries whose label is the most voted one, and among the five most voted.
   *
   * @param k neighbours that vote, 1 to {@code maxNeighbours}
   */
  public KnnScore score(int k) {
    float[][] votes = votes(k);
    int top1 = 0;
    int top5 = 0;
    for (int query = 0; query < votes.length; query++) {
      int rank = rank(votes[query], queryLabels[query]);
      top1 += rank == 0 ? 1 : 0;
      top5 += rank < 5 ? 1 : 0;
    }
    int count = Math.max(votes.length, 1);
    return new KnnScore(
        (double) top1 / count, (double) top5 / count, bankLabels.length, queryLabels.length);
  }

  /** The most voted class of each query; the lowest of equally voted ones. */
  public int[] predictions(int k) {
    return Arrays.stream(votes(k)).mapToInt(KnnNeighbours::mostVoted).toArray();
  }

  private static int mostVoted(float[] votes) {
    return IntStream.range(0, votes.length).filter(k -> rank(votes, k) == 0).findFirst().orElse(0);
  }

  /** The votes of each query, (queries, classes); each row sums to at most 1. */
  public float[][] votes(int k) {
    if (k < 1 || k > maxNeighbours) {
      throw new IllegalArgumentException("k is " + k + "; it must be 1 to " + maxNeighbours);
    }
    return Arrays.stream(nearest).map(of -> vote(of, k)).toArray(float[][]::new);
  }

  private float[] vote(Neighbour[] neighbours, int k) {
    double[] weights = new double[neighbours.length];
    double sum = 0;
    for (int i = 0; i < neighbours.length; i++) {
      weights[i] = Math.exp((neighbours[i].cosine() - neighbours[0].cosine()) / temperature);
      sum += weights[i];
    }
    float[] votes = new float[classes];
    for (int i = 0; i < Math.min(k, neighbours.length); i++) {
      votes[bankLabels[neighbours[i].index()]] += (float) (weights[i] / sum);
    }
    return votes;
  }

  private static int rank(float[] votes, int label) {
    int rank = 0;
    for (int other = 0; other < votes.length; other++) {
      boolean before = votes[other] == votes[label] && other < label;
      rank += votes[other] > votes[label] || before ? 1 : 0;
    }
    return rank;
  }
}
