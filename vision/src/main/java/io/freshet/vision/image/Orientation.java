package io.freshet.vision.image;

/** Turns a picture as EXIF says, so that it stands upright. */
final class Orientation {
  private Orientation() {}

  /**
   * @param orientation 1 to 8; for 5 to 8 width and height change places
   */
  static RgbImage upright(RgbImage stored, int orientation) {
    if (orientation == 1) {
      return stored;
    }
    int w = stored.width();
    int h = stored.height();
    boolean swapped = orientation >= 5;
    int outWidth = swapped ? h : w;
    int outHeight = swapped ? w : h;
    // Where the first stored pixel lands, and how far a step along a stored row or column goes.
    boolean fromRight =
        orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
    boolean fromBottom =
        orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
    int origin = (fromBottom ? (outHeight - 1) * outWidth : 0) + (fromRight ? outWidth - 1 : 0);
    int right = fromRight ? -1 : 1;
    int down = fromBottom ? -outWidth : outWidth;
    int alongRow = swapped ? down : right;
    int alongColumn = swapped ? right : down;
    byte[] in = stored.rgb();
    byte[] out = new byte[in.length];
    int source = 0;
    for (int y = 0; y < h; y++) {
      int target = 3 * (origin + y * alongColumn);
      for (int x = 0; x < w; x++) {
        out[target] = in[source];
        out[target + 1] = in[source + 1];
        out[target + 2] = in[source + 2];
        source += 3;
        target += 3 * alongRow;
      }
    }
    return new RgbImage(outWidth, outHeight, out);
  }
}
