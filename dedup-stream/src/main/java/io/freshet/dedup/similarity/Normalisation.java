package io.freshet.dedup.similarity;

import java.io.Serializable;

/**
 * Score normalisation of copy-detection embeddings (Pizzi et al. 2022, arXiv 2202.10261): how near
 * two images are counts less where both are near to much else. May change over restarts, but for
 * whether there is any.
 *
 * @param weight of it, 0 to 2: the paper's beta; 0 for none
 * @param nearest images of the background over which the similarity of an image to it is averaged,
 *     1 to 64
 * @param background images it consists of, 16 to 16,384; each takes 4 bytes of native memory an
 *     element of a vector, and 2 on disk
 * @param renewal images after which others take their place, at least as many as there are
 */
public record Normalisation(double weight, int nearest, int background, int renewal)
    implements Serializable {
  public static final Normalisation NONE = new Normalisation(0, 3, 4096, 65_536);

  static final int MOST_BACKGROUND = 1 << 14;
  private static final double MOST_WEIGHT = 2;
  private static final int LEAST_BACKGROUND = 16;
  private static final int MOST_NEAREST = 64;
  private static final int MOST_RENEWAL = 1_000_000_000;

  public Normalisation {
    if (!(weight >= 0 && weight <= MOST_WEIGHT)) {
      throw new IllegalArgumentException(
          "weight is %s, must lie between 0 and %s".formatted(weight, MOST_WEIGHT));
    }
    requireRange("nearest", nearest, 1, MOST_NEAREST);
    requireRange(
        "background", background, Math.max(LEAST_BACKGROUND, 2 * nearest), MOST_BACKGROUND);
    requireRange("renewal", renewal, background, MOST_RENEWAL);
  }

  public boolean isOn() {
    return weight > 0;
  }

  private static void requireRange(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s is %,d, must be %,d..%,d".formatted(name, value, least, most));
    }
  }
}
