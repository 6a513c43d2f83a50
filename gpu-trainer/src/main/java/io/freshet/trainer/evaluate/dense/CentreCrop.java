package io.freshet.trainer.evaluate.dense;

import io.freshet.vision.transform.Crop;
import io.freshet.vision.transform.PilResize;
import java.util.stream.IntStream;

/**
 * Which pixel of a map belongs to each pixel of the prepared image: the map is resized to the same
 * size by nearest neighbour and cut in the same place.
 *
 * @param resize shorter side before the crop, pixels
 * @param side of the crop, pixels
 */
public record CentreCrop(int resize, int side) {

  /** For each pixel of the crop, row by row, the index of the map's pixel. */
  int[] sources(int width, int height) {
    int[] columns = along(width, height);
    int[] rows = along(height, width);
    return IntStream.range(0, side * side)
        .map(pixel -> rows[pixel / side] * width + columns[pixel % side])
        .toArray();
  }

  private int[] along(int length, int other) {
    int resized = PilResize.shortSideWidth(length, other, resize);
    int start = Crop.centre(resized, resized, side, side).left();
    return IntStream.range(0, side)
        .map(i -> (int) ((start + i + 0.5) * length / resized))
        .toArray();
  }
}
