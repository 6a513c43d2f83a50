package io.freshet.curator.cluster;

import java.util.Random;

/** Unit vectors for tests. */
public final class Points {
  private Points() {}

  public static float[][] random(Random random, int points, int dim) {
    float[][] data = new float[points][];
    for (int i = 0; i < points; i++) {
      data[i] = near(random, random.nextInt(dim), dim, 0.5);
    }
    return data;
  }

  /** Near to an axis: normal noise of the given deviation in each direction. */
  public static float[] near(Random random, int axis, int dim, double deviation) {
    double[] point = new double[dim];
    point[axis] = 1;
    for (int d = 0; d < dim; d++) {
      point[d] += deviation * random.nextGaussian();
    }
    float[] unit = new float[dim];
    SphericalKMeans.normalise(point, unit);
    return unit;
  }
}
