package io.freshet.trainer.evaluate.dense;

import java.util.List;
import java.util.stream.IntStream;

/**
 * At which sizes an image is segmented. Each is also seen mirrored, and what is larger than the
 * model's crop is seen through windows of the crop's size, half a window apart.
 *
 * @param factors of the crop's side, ascending, {@value #LEAST} to {@value #MOST}, at most {@value
 *     #MAX_COUNT}
 */
public record ImageScales(List<Double> factors) {
  /** DINOv2's, on ADE20k. */
  public static final ImageScales DINOV2 = new ImageScales(List.of(1.0, 1.32, 1.73, 2.28, 3.0));

  /** The crop as it is, and nothing else. */
  public static final ImageScales SINGLE = new ImageScales(List.of(1.0));

  private static final double LEAST = 0.25;
  private static final double MOST = 4;
  private static final int MAX_COUNT = 16;

  public ImageScales {
    factors = List.copyOf(factors);
    List<Double> checked = factors;
    boolean inside =
        factors.stream().allMatch(factor -> factor >= LEAST && factor <= MOST)
            && IntStream.range(1, checked.size())
                .allMatch(i -> checked.get(i) > checked.get(i - 1));
    if (factors.isEmpty() || factors.size() > MAX_COUNT || !inside) {
      throw new IllegalArgumentException(
          "scales %s; they must ascend from %s to %s, 1 to %d of them"
              .formatted(factors, LEAST, MOST, MAX_COUNT));
    }
  }

  /** Whether there is nothing to see but the crop as it is. */
  public boolean isSingle() {
    return equals(SINGLE);
  }

  /**
   * How a scale is seen.
   *
   * @param crop side of the model's crop, pixels, a multiple of {@code patch}
   */
  static SlidingWindows windows(double factor, int crop, int patch) {
    if (factor < 1) {
      int side = Math.max(1, (int) Math.round(factor * crop / patch)) * patch;
      return new SlidingWindows(side, side, side);
    }
    return new SlidingWindows((int) Math.round(factor * crop), crop, Math.max(1, crop / 2));
  }

  /** Forward passes that an image takes. */
  public int passes(int crop, int patch) {
    return 2
        * factors.stream().mapToInt(factor -> windows(factor, crop, patch).places().size()).sum();
  }
}
