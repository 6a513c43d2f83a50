package io.freshet.trainer.testing;

/** How near two vectors are. */
public final class Vectors {
  private Vectors() {}

  /** The cosine of the angle between them, -1..1. */
  public static double cosine(float[] a, float[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb);
  }
}
