package io.freshet.vision.image;

import java.io.ByteArrayOutputStream;
import java.util.Optional;

/**
 * Decodes the first frame of a GIF on its logical screen (grown where the frame reaches beyond it),
 * and walks the rest to its trailer to count the frames.
 */
final class GifDecoder {
  private static final int EXTENSION = 0x21;
  private static final int IMAGE = 0x2c;
  private static final int TRAILER = 0x3b;
  private static final int GRAPHIC_CONTROL = 0xf9;
  private static final int SIGNATURE_BYTES = 6;
  private static final int[][] INTERLACE = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};
  private static final int[][] PLAIN = {{0, 1}};

  /** A code of 3 bits or more stands for at most 4,093 pixels, so larger frames aren't there. */
  private static final long LZW_RATIO = 4096 * 8 / 3;

  private final DecodeLimits limits;
  private final Deadline deadline;

  private int screenWidth;
  private int screenHeight;
  private Optional<byte[]> globalPalette = Optional.empty();
  private int transparent = -1;
  private long metadataBytes;
  private int frames;
  private Optional<RgbImage> firstFrame = Optional.empty();

  GifDecoder(DecodeLimits limits, Deadline deadline) {
    this.limits = limits;
    this.deadline = deadline;
  }

  PixelLayer decode(byte[] body) throws ImageRejectedException {
    ByteReader in = new ByteReader(body, SIGNATURE_BYTES, body.length, "the GIF");
    screenWidth = in.u16Little();
    screenHeight = in.u16Little();
    int flags = in.u8();
    in.skip(2);
    globalPalette = palette(in, flags);
    for (int block = in.u8(); block != TRAILER; block = in.u8()) {
      deadline.check();
      switch (block) {
        case EXTENSION -> extension(in);
        case IMAGE -> image(in);
        default ->
            throw ImageRejectedException.corrupt(
                "GIF block 0x%02x at byte %d".formatted(block, in.position() - 1));
      }
    }
    if (firstFrame.isEmpty()) {
      throw ImageRejectedException.corrupt("GIF without a frame");
    }
    return PixelLayer.plain(firstFrame.get(), frames);
  }

  private static Optional<byte[]> palette(ByteReader in, int flags) throws ImageRejectedException {
    return (flags & 0x80) == 0 ? Optional.empty() : Optional.of(in.take(3 << ((flags & 7) + 1)));
  }

  private void extension(ByteReader in) throws ImageRejectedException {
    int label = in.u8();
    boolean control = label == GRAPHIC_CONTROL && firstFrame.isEmpty();
    for (int size = in.u8(); size != 0; size = in.u8()) {
      if (control && size >= 4) {
        int flags = in.u8();
        in.skip(2);
        int index = in.u8();
        in.skip(size - 4L);
        transparent = (flags & 1) == 1 ? index : -1;
      } else {
        in.skip(size);
      }
      metadataBytes += size;
      limits.checkMetadata(metadataBytes);
    }
  }

  private void image(ByteReader in) throws ImageRejectedException {
    int left = in.u16Little();
    int top = in.u16Little();
    int width = in.u16Little();
    int height = in.u16Little();
    int flags = in.u8();
    Optional<byte[]> local = palette(in, flags);
    int minimumBits = in.u8();
    frames++;
    if (frames > 1) {
      for (int size = in.u8(); size != 0; size = in.u8()) {
        in.skip(size);
      }
      return;
    }
    if (width == 0 || height == 0 || minimumBits < 1 || minimumBits > 8) {
      throw ImageRejectedException.corrupt(
          "GIF frame of %d x %d pixels, %d bits".formatted(width, height, minimumBits));
    }
    int canvasWidth = Math.max(screenWidth, left + width);
    int canvasHeight = Math.max(screenHeight, top + height);
    limits.checkSize(canvasWidth, canvasHeight);
    byte[] colours =
        local
            .or(() -> globalPalette)
            .orElseThrow(() -> ImageRejectedException.corrupt("GIF frame without a palette"));
    byte[] indices = indices(in, minimumBits, (long) width * height);
    Canvas canvas = new Canvas(canvasWidth, canvasHeight);
    int row = 0;
    for (int[] pass : (flags & 0x40) == 0 ? PLAIN : INTERLACE) {
      for (int y = pass[0]; y < height; y += pass[1]) {
        layRow(indices, row++ * width, width, colours, canvas, left, top + y);
      }
    }
    firstFrame = Optional.of(canvas.toImage());
  }

  private byte[] indices(ByteReader in, int minimumBits, long pixels)
      throws ImageRejectedException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (int size = in.u8(); size != 0; size = in.u8()) {
      data.writeBytes(in.take(size));
    }
    if (pixels / LZW_RATIO > data.size()) {
      throw ImageRejectedException.corrupt(
          "%d bytes of GIF data can't hold %d pixels".formatted(data.size(), pixels));
    }
    byte[] indices = new byte[(int) pixels];
    new GifLzw(minimumBits).decode(data.toByteArray(), data.size(), indices, deadline);
    return indices;
  }

  private void layRow(
      byte[] indices, int start, int width, byte[] colours, Canvas canvas, int left, int y)
      throws ImageRejectedException {
    deadline.check();
    for (int x = 0; x < width; x++) {
      int index = indices[start + x] & 0xff;
      if (index == transparent) {
        continue;
      }
      if (3 * index >= colours.length) {
        throw ImageRejectedException.corrupt(
            "GIF pixel of colour %d in a palette of %d".formatted(index, colours.length / 3));
      }
      canvas.lay(
          left + x,
          y,
          colours[3 * index] & 0xff,
          colours[3 * index + 1] & 0xff,
          colours[3 * index + 2] & 0xff,
          255);
    }
  }
}
