package io.freshet.vision.embed;

/**
 * The cosine of the angle between two features of one space. That they are of one is the caller's
 * to know: features that travel are {@code Vector} records, which name their space.
 */
public final class Cosine {
  private Cosine() {}

  /** In -1..1; 0 when either vector is zero. Both have the same length. */
  public static double of(float[] a, float[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(
          "a vector of %d numbers has no angle to one of %d".formatted(a.length, b.length));
    }
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return aa == 0 || bb == 0 ? 0 : dot / Math.sqrt(aa * bb);
  }
}
