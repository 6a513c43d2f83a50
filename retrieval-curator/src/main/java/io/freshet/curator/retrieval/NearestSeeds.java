package io.freshet.curator.retrieval;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keeps the nearest seed of each candidate while seeds are compared. One thread; one window. */
final class NearestSeeds {
  private final List<Candidate> candidates;
  private final float error;
  private final float[] similarities;
  private final Seed[] seeds;

  /**
   * @param error of products, at most
   */
  NearestSeeds(List<Candidate> candidates, float error) {
    this.candidates = candidates;
    this.error = error;
    this.similarities = new float[candidates.size()];
    this.seeds = new Seed[candidates.size()];
    Arrays.fill(similarities, Float.NEGATIVE_INFINITY);
  }

  /**
   * @param products of the seed with all candidates, from {@code start} on
   */
  void compare(Seed seed, float[] products, int start) {
    for (int i = 0; i < seeds.length; i++) {
      if (products[start + i] + error >= similarities[i]) {
        compare(seed, i);
      }
    }
  }

  void compare(Seed seed, int candidate) {
    float similarity = DotProduct.of(seed.vector(), candidates.get(candidate).vector());
    Seed before = seeds[candidate];
    if (before == null
        || similarity > similarities[candidate]
        || (similarity == similarities[candidate] && isBefore(seed, before))) {
      similarities[candidate] = similarity;
      seeds[candidate] = seed;
    }
  }

  private static boolean isBefore(Seed a, Seed b) {
    int order = a.imageId().compareTo(b.imageId());
    return order < 0 || (order == 0 && a.dataset().compareTo(b.dataset()) < 0);
  }

  /** By image id; none for an image that was compared with no seed. */
  Map<String, NearestSeed> byImage() {
    Map<String, NearestSeed> nearest = new HashMap<>();
    for (int i = 0; i < seeds.length; i++) {
      if (seeds[i] != null) {
        nearest.put(
            candidates.get(i).imageId(),
            new NearestSeed(seeds[i].dataset(), seeds[i].imageId(), similarities[i]));
      }
    }
    return nearest;
  }
}
