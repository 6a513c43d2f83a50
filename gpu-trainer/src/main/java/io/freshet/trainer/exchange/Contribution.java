package io.freshet.trainer.exchange;

/**
 * What a worker brings to a round. Arrays are not copied and must not be written.
 *
 * @param delta the parameters that the round started from less those that its steps led to
 * @param centers the centres of the targets after its steps
 */
public record Contribution(float[] delta, float[] centers) {

  /** Whether no value is NaN or infinite. */
  public boolean isFinite() {
    return isFinite(delta) && isFinite(centers);
  }

  private static boolean isFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }
}
