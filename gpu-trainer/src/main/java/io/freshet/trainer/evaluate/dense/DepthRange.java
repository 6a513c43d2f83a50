package io.freshet.trainer.evaluate.dense;

/**
 * The depths that count, in the unit of the depth maps.
 *
 * @param min above 0; what is nearer has no measured depth
 * @param max above {@code min}
 */
public record DepthRange(double min, double max) {
  /** NYU Depth v2, in metres. */
  public static final DepthRange INDOORS = new DepthRange(1e-3, 10);

  public DepthRange {
    if (!(min > 0 && max > min)) {
      throw new IllegalArgumentException(
          "depths from %s to %s; they must be above 0 and ascend".formatted(min, max));
    }
  }

  /** Whether a pixel of the depth map counts. */
  public boolean holds(double depth) {
    return depth > min && depth < max;
  }

  double clamp(double depth) {
    return Math.min(max, Math.max(min, depth));
  }
}
