package io.freshet.dedup.similarity;

/**
 * Where the cosine of two images lies from which they are copies. It is the threshold where they
 * are as near to the background as images are, higher where they are nearer, lower where they are
 * farther, by {@code weight} times the mean excess of the two, but by no more than half of what the
 * threshold lacks to 1: so what hardly differs stays a copy where much is alike, and images like
 * nothing else need more than a faint likeness.
 *
 * <p>The same for a pair whichever is asked for first. In the paper (arXiv 2202.10261) only the
 * query's excess counts; here either of two copies may come first, and edges must not depend on it.
 *
 * @param threshold cosine, below 1
 * @param weight the paper's beta; 0 where the threshold stands for all pairs
 */
public record CopyBound(double threshold, double weight) {
  /** The same for all pairs. */
  public static CopyBound ofCosine(double threshold) {
    return new CopyBound(threshold, 0);
  }

  /**
   * @param excess of one of them, {@link Background#pass}
   * @param other of the other
   */
  public double cosine(float excess, float other) {
    double most = (1 - threshold) / 2;
    double shift = weight * ((double) excess + other) / 2;
    return threshold + Math.max(-most, Math.min(most, shift));
  }

  /**
   * The cosine, normalised so that it exceeds the threshold where the pair's own bound was
   * exceeded.
   */
  public double score(double cosine, float excess, float other) {
    return weight == 0 ? cosine : threshold + (cosine - cosine(excess, other));
  }
}
