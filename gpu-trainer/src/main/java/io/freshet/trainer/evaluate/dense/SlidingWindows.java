package io.freshet.trainer.evaluate.dense;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Square windows that cover a square, as mmsegmentation's {@code slide_inference} lays them: one
 * stride after the other, the last ones moved back to end with the square.
 *
 * @param side of the square, pixels
 * @param window side of a window, 1 to {@code side}
 * @param stride from one window to the next, 1 to {@code window}, so that no pixel is left out
 */
record SlidingWindows(int side, int window, int stride) {
  SlidingWindows {
    if (window < 1 || window > side || stride < 1 || stride > window) {
      throw new IllegalArgumentException(
          "windows of %d pixels every %d in a square of %d".formatted(window, stride, side));
    }
  }

  /** Where a window begins, pixels. */
  record Place(int top, int left) {}

  /** Row by row. */
  List<Place> places() {
    int[] starts = starts();
    List<Place> places = new ArrayList<>();
    for (int top : starts) {
      for (int left : starts) {
        places.add(new Place(top, left));
      }
    }
    return places;
  }

  private int[] starts() {
    int count = (side - window + stride - 1) / stride + 1;
    return IntStream.range(0, count).map(i -> Math.min(i * stride, side - window)).toArray();
  }
}
