package io.freshet.trainer.evaluate.retrieval;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Ranks a database by cosine. Immutable and thread-safe. */
public final class CosineRanking {
  private static final double MIN_NORM = 1e-12;

  private final float[][] database;

  /**
   * @param database (images, dim); copied
   */
  public CosineRanking(float[][] database) {
    this.database = new float[database.length][];
    for (int i = 0; i < database.length; i++) {
      this.database[i] = unit(database[i]);
    }
  }

  /**
   * The indices of the whole database, highest cosine first; equal ones in the database's order.
   */
  public int[] of(float[] query) {
    double[] cosines = new double[database.length];
    for (int i = 0; i < cosines.length; i++) {
      cosines[i] = dot(query, database[i]);
    }
    return IntStream.range(0, cosines.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -cosines[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static float[] unit(float[] vector) {
    double norm = Math.max(Math.sqrt(dot(vector, vector)), MIN_NORM);
    float[] unit = new float[vector.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (vector[i] / norm);
    }
    return unit;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
