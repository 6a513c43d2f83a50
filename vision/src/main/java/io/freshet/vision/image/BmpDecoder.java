package io.freshet.vision.image;

/** Decodes BMP: 1 to 32 bits, plain, run lengths or masks. Embedded JPEG and PNG are refused. */
final class BmpDecoder {
  private final DecodeLimits limits;
  private final Deadline deadline;

  BmpDecoder(DecodeLimits limits, Deadline deadline) {
    this.limits = limits;
    this.deadline = deadline;
  }

  PixelLayer decode(byte[] body) throws ImageRejectedException {
    BmpHeader header = BmpHeader.read(body, limits);
    boolean indexed = header.bits() <= 8;
    int[] colours = indexed ? colours(header) : new int[0];
    Canvas canvas;
    if (header.compression() == BmpHeader.RLE8 || header.compression() == BmpHeader.RLE4) {
      ByteReader in = new ByteReader(body, header.pixelOffset(), body.length, "the BMP");
      canvas = new Canvas(header.width(), header.height());
      new BmpRunLengths(in, header, colours, canvas, deadline).read();
    } else {
      long stride = ((long) header.width() * header.bits() + 31) / 32 * 4;
      new ByteReader(body, header.pixelOffset(), body.length, "the BMP")
          .require(Math.multiplyExact(stride, (long) header.height()));
      canvas = new Canvas(header.width(), header.height());
      for (int row = 0; row < header.height(); row++) {
        deadline.check();
        int y = header.topDown() ? row : header.height() - 1 - row;
        int start = (int) (header.pixelOffset() + row * stride);
        if (indexed) {
          indexedRow(body, start, header, colours, canvas, y);
        } else if (header.bits() == 24) {
          trueRow(body, start, canvas, y);
        } else {
          maskedRow(body, start, header, canvas, y);
        }
      }
    }
    return PixelLayer.plain(canvas.toImage(), 1);
  }

  /** Packed RGB of each index; -1 beyond the palette. */
  private static int[] colours(BmpHeader header) {
    int[] colours = new int[1 << header.bits()];
    for (int i = 0; i < colours.length; i++) {
      colours[i] = header.colour(i).map(c -> c[0] << 16 | c[1] << 8 | c[2]).orElse(-1);
    }
    return colours;
  }

  static void layIndexed(int[] colours, int index, Canvas canvas, int x, int y)
      throws ImageRejectedException {
    int rgb = colours[index];
    if (rgb < 0) {
      throw ImageRejectedException.corrupt(
          "BMP pixel of colour %d beyond the palette".formatted(index));
    }
    canvas.lay(x, y, rgb >> 16, (rgb >> 8) & 0xff, rgb & 0xff, 255);
  }

  private static void indexedRow(
      byte[] body, int start, BmpHeader header, int[] colours, Canvas canvas, int y)
      throws ImageRejectedException {
    int bits = header.bits();
    for (int x = 0; x < canvas.width; x++) {
      int bit = x * bits;
      int packed = body[start + (bit >> 3)] & 0xff;
      layIndexed(colours, (packed >> (8 - bits - (bit & 7))) & ((1 << bits) - 1), canvas, x, y);
    }
  }

  private static void trueRow(byte[] body, int start, Canvas canvas, int y) {
    int at = start;
    for (int x = 0; x < canvas.width; x++) {
      canvas.lay(x, y, body[at + 2] & 0xff, body[at + 1] & 0xff, body[at] & 0xff, 255);
      at += 3;
    }
  }

  private static void maskedRow(byte[] body, int start, BmpHeader header, Canvas canvas, int y) {
    int[] masks = header.masks();
    int bytes = header.bits() / 8;
    for (int x = 0; x < canvas.width; x++) {
      int at = start + x * bytes;
      int pixel = (body[at] & 0xff) | (body[at + 1] & 0xff) << 8;
      if (bytes == 4) {
        pixel |= (body[at + 2] & 0xff) << 16 | (body[at + 3] & 0xff) << 24;
      }
      int alpha = masks[3] == 0 ? 255 : field(pixel, masks[3]);
      canvas.lay(
          x, y, field(pixel, masks[0]), field(pixel, masks[1]), field(pixel, masks[2]), alpha);
    }
  }

  /** The masked bits, scaled to 8; 0 where the mask is empty. */
  private static int field(int pixel, int mask) {
    if (mask == 0) {
      return 0;
    }
    int shift = Integer.numberOfTrailingZeros(mask);
    long top = Integer.toUnsignedLong(mask >>> shift);
    long value = Integer.toUnsignedLong((pixel & mask) >>> shift);
    return (int) ((value * 255 + top / 2) / top);
  }
}
