package io.freshet.vision.image;

import java.util.Optional;

/** Turns the samples of an unfiltered PNG row into sRGB on white. */
final class PngPixels {
  private final PngHeader header;
  private final byte[] palette;
  private final byte[] paletteAlpha;

  /** The one transparent colour of a picture without alpha, in its own depth; -1 for none. */
  private final int clearRed;

  private final int clearGreen;
  private final int clearBlue;

  private PngPixels(PngHeader header, byte[] palette, byte[] paletteAlpha, int[] clear) {
    this.header = header;
    this.palette = palette;
    this.paletteAlpha = paletteAlpha;
    this.clearRed = clear[0];
    this.clearGreen = clear[1];
    this.clearBlue = clear[2];
  }

  static PngPixels of(PngHeader header, Optional<byte[]> palette, Optional<byte[]> transparency)
      throws ImageRejectedException {
    byte[] alpha = transparency.orElse(new byte[0]);
    int[] clear = {-1, -1, -1};
    if (header.colourType() == PngHeader.GREY && alpha.length == 2) {
      clear[0] = u16(alpha, 0);
    } else if (header.colourType() == PngHeader.RGB && alpha.length == 6) {
      clear = new int[] {u16(alpha, 0), u16(alpha, 2), u16(alpha, 4)};
    }
    if (header.colourType() == PngHeader.PALETTE && palette.isEmpty()) {
      throw ImageRejectedException.corrupt("PNG without the palette that its pixels point into");
    }
    return new PngPixels(header, palette.orElse(new byte[0]), alpha, clear);
  }

  /**
   * @param x column of the first pixel on the canvas, {@code step} columns between two
   */
  void lay(byte[] row, int columns, Canvas canvas, int x, int y, int step)
      throws ImageRejectedException {
    switch (header.colourType()) {
      case PngHeader.GREY -> grey(row, columns, canvas, x, y, step);
      case PngHeader.RGB -> rgb(row, columns, canvas, x, y, step);
      case PngHeader.PALETTE -> palette(row, columns, canvas, x, y, step);
      case PngHeader.GREY_ALPHA -> {
        for (int i = 0; i < columns; i++) {
          int grey = sample8(row, 2 * i);
          canvas.lay(x + i * step, y, grey, grey, grey, sample8(row, 2 * i + 1));
        }
      }
      default -> {
        for (int i = 0; i < columns; i++) {
          int red = sample8(row, 4 * i);
          int green = sample8(row, 4 * i + 1);
          int blue = sample8(row, 4 * i + 2);
          canvas.lay(x + i * step, y, red, green, blue, sample8(row, 4 * i + 3));
        }
      }
    }
  }

  private void grey(byte[] row, int columns, Canvas canvas, int x, int y, int step) {
    int top = (1 << header.bitDepth()) - 1;
    for (int i = 0; i < columns; i++) {
      int raw = sample(row, i);
      int grey = (raw * 255 + top / 2) / top;
      canvas.lay(x + i * step, y, grey, grey, grey, raw == clearRed ? 0 : 255);
    }
  }

  private void rgb(byte[] row, int columns, Canvas canvas, int x, int y, int step) {
    if (header.bitDepth() == 8 && step == 1 && clearRed < 0) {
      System.arraycopy(row, 0, canvas.rgb, 3 * (y * canvas.width + x), 3 * columns);
      return;
    }
    for (int i = 0; i < columns; i++) {
      boolean clear =
          sample(row, 3 * i) == clearRed
              && sample(row, 3 * i + 1) == clearGreen
              && sample(row, 3 * i + 2) == clearBlue;
      canvas.lay(
          x + i * step,
          y,
          sample8(row, 3 * i),
          sample8(row, 3 * i + 1),
          sample8(row, 3 * i + 2),
          clear ? 0 : 255);
    }
  }

  private void palette(byte[] row, int columns, Canvas canvas, int x, int y, int step)
      throws ImageRejectedException {
    for (int i = 0; i < columns; i++) {
      int index = sample(row, i);
      if (3 * index >= palette.length) {
        throw ImageRejectedException.corrupt(
            "PNG pixel of colour %d in a palette of %d".formatted(index, palette.length / 3));
      }
      canvas.lay(
          x + i * step,
          y,
          palette[3 * index] & 0xff,
          palette[3 * index + 1] & 0xff,
          palette[3 * index + 2] & 0xff,
          index < paletteAlpha.length ? paletteAlpha[index] & 0xff : 255);
    }
  }

  /** A sample in the depth of the file. */
  private int sample(byte[] row, int index) {
    int depth = header.bitDepth();
    if (depth == 8) {
      return row[index] & 0xff;
    }
    if (depth == 16) {
      return u16(row, 2 * index);
    }
    int bit = index * depth;
    return ((row[bit >> 3] & 0xff) >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
  }

  /** A sample of a file of 8 or 16 bits, rounded to 8. */
  private int sample8(byte[] row, int index) {
    return header.bitDepth() == 8 ? row[index] & 0xff : (u16(row, 2 * index) * 255 + 32767) / 65535;
  }

  private static int u16(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
  }
}
