package io.freshet.dedup.similarity;

import java.util.Random;

/** Vectors at known cosines. */
public final class UnitVectors {
  private UnitVectors() {}

  public static float[] random(int dim, Random random) {
    float[] vector = new float[dim];
    for (int i = 0; i < dim; i++) {
      vector[i] = (float) random.nextGaussian();
    }
    return unit(vector);
  }

  /** A unit vector whose cosine with {@code a} is {@code cosine}, otherwise at random. */
  public static float[] atCosine(float[] a, double cosine, Random random) {
    float[] other = random(a.length, random);
    double along = dot(a, other);
    float[] across = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      across[i] = (float) (other[i] - along * a[i]);
    }
    unit(across);
    double sine = Math.sqrt(1 - cosine * cosine);
    for (int i = 0; i < a.length; i++) {
      across[i] = (float) (cosine * a[i] + sine * across[i]);
    }
    return across;
  }

  /** The unit vector half way between two. */
  public static float[] between(float[] a, float[] b) {
    float[] middle = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      middle[i] = a[i] + b[i];
    }
    return unit(middle);
  }

  /**
   * A unit vector with non-negative elements of very different sizes around a shared centre, as the
   * features of a network with rectified outputs have.
   */
  public static float[] rectified(float[] centre, double spread, Random random) {
    float[] vector = new float[centre.length];
    for (int i = 0; i < vector.length; i++) {
      double value = centre[i] * Math.exp(spread * random.nextGaussian());
      vector[i] = (float) (random.nextInt(3) == 0 ? 0 : value);
    }
    return unit(vector);
  }

  public static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  static float[] unit(float[] vector) {
    double norm = Math.sqrt(dot(vector, vector));
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) (vector[i] / norm);
    }
    return vector;
  }
}
