package io.freshet.vision.transform;

import io.freshet.vision.image.RgbImage;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * What surrounds a picture in lines of one shade each: padding, the bars of a letterbox, the frame
 * of a window. Each line may have a shade of its own.
 */
public final class PlainBorder {
  /**
   * By which luma may differ along a plain line: what JPEG leaves of one that is beside an edge. Of
   * less, small copies of low quality keep a part of their border.
   */
  private static final int TOLERANCE = 32;

  /** A smaller share of a side, both ends together, is how a picture was cut. */
  private static final double LEAST_BORDER = 0.02;

  /** A smaller share of a side is a thing on a ground. */
  private static final double LEAST_INSIDE = 0.25;

  private static final int CHANNELS = 3;

  private PlainBorder() {}

  /**
   * Where the picture inside the border lies.
   *
   * @return empty where there is no border, or less than a quarter of a side inside it
   */
  public static Optional<Crop> inside(RgbImage image) {
    Crop whole = Crop.whole(image.width(), image.height());
    Crop inside = whole;
    Crop before;
    do {
      before = inside;
      inside = withoutPlainColumns(image, withoutPlainRows(image, inside));
    } while (!inside.equals(before) && isLarge(inside, whole));
    boolean isSmaller =
        inside.width() <= whole.width() * (1 - LEAST_BORDER)
            || inside.height() <= whole.height() * (1 - LEAST_BORDER);
    return isSmaller && isLarge(inside, whole) ? Optional.of(inside) : Optional.empty();
  }

  private static boolean isLarge(Crop inside, Crop whole) {
    return inside.width() >= whole.width() * LEAST_INSIDE
        && inside.height() >= whole.height() * LEAST_INSIDE;
  }

  private static Crop withoutPlainRows(RgbImage image, Crop crop) {
    IntPredicate isPlain = row -> isPlain(image, new Crop(row, crop.left(), 1, crop.width()));
    int bottom = crop.top() + crop.height() - 1;
    int first = pastPlain(crop.top(), bottom, isPlain);
    int last = pastPlain(bottom, first, isPlain);
    return new Crop(first, crop.left(), last + 1 - first, crop.width());
  }

  private static Crop withoutPlainColumns(RgbImage image, Crop crop) {
    IntPredicate isPlain = column -> isPlain(image, new Crop(crop.top(), column, crop.height(), 1));
    int right = crop.left() + crop.width() - 1;
    int first = pastPlain(crop.left(), right, isPlain);
    int last = pastPlain(right, first, isPlain);
    return new Crop(crop.top(), first, crop.height(), last + 1 - first);
  }

  /** The first line from one end that isn't plain, or the other end. */
  private static int pastPlain(int from, int end, IntPredicate isPlain) {
    int step = Integer.signum(end - from);
    int line = from;
    while (line != end && isPlain.test(line)) {
      line += step;
    }
    return line;
  }

  private static boolean isPlain(RgbImage image, Crop line) {
    byte[] rgb = image.rgb();
    int least = 255;
    int most = 0;
    for (int y = line.top(); y < line.top() + line.height(); y++) {
      int row = y * image.width();
      for (int x = line.left(); x < line.left() + line.width(); x++) {
        int at = CHANNELS * (row + x);
        int luma = Photometric.luma(rgb[at] & 0xff, rgb[at + 1] & 0xff, rgb[at + 2] & 0xff);
        least = Math.min(least, luma);
        most = Math.max(most, luma);
        if (most - least > TOLERANCE) {
          return false;
        }
      }
    }
    return true;
  }
}
