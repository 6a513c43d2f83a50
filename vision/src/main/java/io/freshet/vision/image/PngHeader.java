package io.freshet.vision.image;

/**
 * The IHDR chunk of a PNG.
 *
 * @param bitDepth bits a sample: 1, 2, 4, 8 or 16
 * @param colourType 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha
 */
record PngHeader(int width, int height, int bitDepth, int colourType, boolean interlaced) {
  static final int GREY = 0;
  static final int RGB = 2;
  static final int PALETTE = 3;
  static final int GREY_ALPHA = 4;
  static final int RGB_ALPHA = 6;

  static PngHeader read(ByteReader in, DecodeLimits limits) throws ImageRejectedException {
    long width = in.u32();
    long height = in.u32();
    int bitDepth = in.u8();
    int colourType = in.u8();
    int compression = in.u8();
    int filter = in.u8();
    int interlace = in.u8();
    limits.checkSize(width, height);
    if (compression != 0 || filter != 0 || interlace > 1 || !allowed(bitDepth, colourType)) {
      throw ImageRejectedException.corrupt(
          "PNG with bit depth %d, colour type %d, compression %d, filter %d, interlace %d"
              .formatted(bitDepth, colourType, compression, filter, interlace));
    }
    return new PngHeader((int) width, (int) height, bitDepth, colourType, interlace == 1);
  }

  private static boolean allowed(int bitDepth, int colourType) {
    return switch (colourType) {
      case GREY ->
          bitDepth == 1 || bitDepth == 2 || bitDepth == 4 || bitDepth == 8 || bitDepth == 16;
      case PALETTE -> bitDepth == 1 || bitDepth == 2 || bitDepth == 4 || bitDepth == 8;
      case RGB, GREY_ALPHA, RGB_ALPHA -> bitDepth == 8 || bitDepth == 16;
      default -> false;
    };
  }

  int samplesPerPixel() {
    return switch (colourType) {
      case GREY_ALPHA -> 2;
      case RGB -> 3;
      case RGB_ALPHA -> 4;
      default -> 1;
    };
  }

  int bitsPerPixel() {
    return samplesPerPixel() * bitDepth;
  }

  /** Bytes of a row of that many pixels, without its filter byte. */
  int rowBytes(int pixels) {
    return Math.toIntExact(((long) pixels * bitsPerPixel() + 7) / 8);
  }
}
