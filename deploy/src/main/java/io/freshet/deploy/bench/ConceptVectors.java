package io.freshet.deploy.bench;

import java.io.Serializable;
import java.util.SplittableRandom;

/**
 * Unit vectors as a crawl's embeddings lie: in concepts of very different sizes, with copies
 * planted among them. Vectors of one concept have a cosine of 0.2 to 0.5, different from concept to
 * concept; what a copy differs in has no structure, which is the hardest case for an index. A
 * vector depends on its number alone.
 *
 * @param dim elements of a vector
 * @param concepts how many; concept k of K has a share of (k/K)^0.5 - ((k-1)/K)^0.5 of the images
 * @param stored images numbered from 0 on; what follows are queries
 * @param seed of everything
 */
record ConceptVectors(int dim, int concepts, long stored, long seed) implements Serializable {
  private static final double LEAST_COPY = 0.6;
  private static final double COPY_RANGE = 0.38;

  ConceptVectors {
    if (dim < 2 || concepts < 1 || stored < 1) {
      throw new IllegalArgumentException(
          "%d elements, %d concepts, %d images; at least 2, 1 and 1"
              .formatted(dim, concepts, stored));
    }
  }

  /**
   * An image that is stored, or from {@link #stored} on a query: the even ones are copies of stored
   * images, with cosines that spread evenly from 0.6 to 0.98, the odd ones are images of their own.
   */
  float[] vector(long number) {
    return number >= stored && (number - stored) % 2 == 0 ? copy(number) : image(random(number, 1));
  }

  private float[] copy(long number) {
    SplittableRandom random = random(number, 2);
    float[] original = image(random(random.nextLong(stored), 1));
    double cosine = LEAST_COPY + COPY_RANGE * random.nextDouble();
    float[] across = direction(random);
    double along = dot(original, across);
    for (int i = 0; i < dim; i++) {
      across[i] -= (float) (along * original[i]);
    }
    toUnit(across);
    return sum(cosine, original, Math.sqrt(1 - cosine * cosine), across);
  }

  private float[] image(SplittableRandom random) {
    double uniform = random.nextDouble();
    SplittableRandom concept = random((long) (concepts * uniform * uniform), 3);
    double cosine = 0.2 + 0.3 * concept.nextDouble();
    return sum(Math.sqrt(cosine), direction(concept), Math.sqrt(1 - cosine), direction(random));
  }

  private SplittableRandom random(long number, int purpose) {
    return new SplittableRandom((seed * 4 + purpose) * 0x9e3779b97f4a7c15L + number);
  }

  /**
   * Any direction is as likely as any other, but for what sums of eight bytes lack to a Gaussian.
   */
  private float[] direction(SplittableRandom random) {
    float[] direction = new float[dim];
    for (int i = 0; i < dim; i++) {
      long bytes = random.nextLong();
      long pairs = (bytes & 0x00ff00ff00ff00ffL) + (bytes >>> 8 & 0x00ff00ff00ff00ffL);
      direction[i] = ((pairs * 0x0001000100010001L) >>> 48) - 1020;
    }
    toUnit(direction);
    return direction;
  }

  private static float[] sum(double a, float[] x, double b, float[] y) {
    float[] sum = new float[x.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (float) (a * x[i] + b * y[i]);
    }
    toUnit(sum);
    return sum;
  }

  static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  private static void toUnit(float[] vector) {
    float scale = (float) (1 / Math.sqrt(dot(vector, vector)));
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= scale;
    }
  }
}
