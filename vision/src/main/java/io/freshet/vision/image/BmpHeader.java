package io.freshet.vision.image;

import java.util.Optional;

/**
 * The two headers of a BMP, its masks and its palette.
 *
 * @param height rows; they are stored bottom up unless {@code topDown}
 * @param bits a pixel: 1, 4, 8, 16, 24 or 32
 * @param compression 0 none, 1 run lengths of 8 bits, 2 of 4 bits, 3 masks
 * @param masks red, green, blue, alpha of pixels of 16 and 32 bits
 * @param palette blue, green, red and one spare byte a colour, as far as it reaches
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record BmpHeader(
    int width,
    int height,
    boolean topDown,
    int bits,
    int compression,
    int[] masks,
    byte[] palette,
    int colourBytes,
    int pixelOffset) {
  static final int RGB = 0;
  static final int RLE8 = 1;
  static final int RLE4 = 2;
  static final int BITFIELDS = 3;
  static final int ALPHA_BITFIELDS = 6;

  private static final int CORE_HEADER = 12;
  private static final int[] MASKS_555 = {0x7c00, 0x3e0, 0x1f, 0};
  private static final int[] MASKS_888 = {0xff0000, 0xff00, 0xff, 0};

  static BmpHeader read(byte[] body, DecodeLimits limits) throws ImageRejectedException {
    ByteReader in = new ByteReader(body, 2, body.length, "the BMP");
    in.skip(8);
    long pixelOffset = in.u32Little();
    int headerBytes = (int) in.u32Little();
    return headerBytes == CORE_HEADER
        ? core(in, body, limits, pixelOffset)
        : info(in, body, limits, pixelOffset, headerBytes);
  }

  private static BmpHeader core(ByteReader in, byte[] body, DecodeLimits limits, long pixelOffset)
      throws ImageRejectedException {
    int width = in.u16Little();
    int height = in.u16Little();
    int planes = in.u16Little();
    int bits = in.u16Little();
    limits.checkSize(width, height);
    return checked(
        new BmpHeader(
            width,
            height,
            false,
            bits,
            RGB,
            defaultMasks(bits),
            palette(in, pixelOffset, body),
            3,
            offset(pixelOffset, in, body)),
        planes);
  }

  private static BmpHeader info(
      ByteReader in, byte[] body, DecodeLimits limits, long pixelOffset, int headerBytes)
      throws ImageRejectedException {
    int start = in.position() - 4;
    long width = in.i32Little();
    long height = in.i32Little();
    int planes = in.u16Little();
    int bits = in.u16Little();
    int compression = in.i32Little();
    limits.checkSize(width, Math.abs(height));
    in.skip(20);
    int[] masks = defaultMasks(bits);
    if (compression == BITFIELDS || compression == ALPHA_BITFIELDS) {
      // Behind the header in the oldest version, inside it in all later ones.
      boolean alpha = headerBytes >= 56 || compression == ALPHA_BITFIELDS;
      masks = masks(in, alpha);
    }
    in.skip(Math.max(0, start + headerBytes - in.position()));
    return checked(
        new BmpHeader(
            (int) width,
            (int) Math.abs(height),
            height < 0,
            bits,
            compression == ALPHA_BITFIELDS ? BITFIELDS : compression,
            masks,
            palette(in, pixelOffset, body),
            4,
            offset(pixelOffset, in, body)),
        planes);
  }

  private static int[] masks(ByteReader in, boolean alpha) throws ImageRejectedException {
    return new int[] {in.i32Little(), in.i32Little(), in.i32Little(), alpha ? in.i32Little() : 0};
  }

  private static int[] defaultMasks(int bits) {
    return (bits == 16 ? MASKS_555 : MASKS_888).clone();
  }

  private static byte[] palette(ByteReader in, long pixelOffset, byte[] body)
      throws ImageRejectedException {
    long room = Math.min(pixelOffset, body.length) - in.position();
    return in.take((int) Math.max(0, Math.min(room, 4 * 256)));
  }

  private static int offset(long pixelOffset, ByteReader in, byte[] body)
      throws ImageRejectedException {
    if (pixelOffset > body.length) {
      throw ImageRejectedException.truncated(
          "BMP pixels start at byte %d of %d".formatted(pixelOffset, body.length));
    }
    if (pixelOffset < in.position() - 4 * 256) {
      throw ImageRejectedException.corrupt("BMP pixels start inside the header");
    }
    return (int) pixelOffset;
  }

  private static BmpHeader checked(BmpHeader header, int planes) throws ImageRejectedException {
    int bits = header.bits;
    boolean known =
        switch (header.compression) {
          case RGB -> bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32;
          case RLE8 -> bits == 8 && !header.topDown;
          case RLE4 -> bits == 4 && !header.topDown;
          case BITFIELDS -> bits == 16 || bits == 32;
          default -> false;
        };
    if (!known || planes != 1) {
      throw ImageRejectedException.corrupt(
          "BMP of %d planes, %d bits, compression %d".formatted(planes, bits, header.compression));
    }
    return header;
  }

  /** The colour of a palette index; empty beyond the palette. */
  Optional<int[]> colour(int index) {
    int at = index * colourBytes;
    if (at + 3 > palette.length) {
      return Optional.empty();
    }
    return Optional.of(
        new int[] {palette[at + 2] & 0xff, palette[at + 1] & 0xff, palette[at] & 0xff});
  }
}
