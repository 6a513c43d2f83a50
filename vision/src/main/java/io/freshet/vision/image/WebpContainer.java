package io.freshet.vision.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The RIFF chunks of a WebP. Of all of them the first frame, its alpha, the profile and the EXIF
 * block are kept, so that a reader never sees the rest.
 */
final class WebpContainer {
  private static final int RIFF_HEADER = 12;
  private static final int FRAME_HEADER = 16;
  private static final int ALPHA_FLAG = 0x10;

  /** The lossy reader keeps some 4 KB for each macroblock of 16 x 16, of all of them at once. */
  private static final long MAX_LOSSY_PIXELS = 16_000_000;

  private final byte[] body;
  private final DecodeLimits limits;
  private final Deadline deadline;
  private long metadataBytes;
  private boolean extended;
  private Optional<byte[]> alpha = Optional.empty();
  private Optional<byte[]> bitstream = Optional.empty();
  private boolean lossless;

  int canvasWidth;
  int canvasHeight;
  int left;
  int top;
  int frameWidth;
  int frameHeight;
  int frames;
  Optional<byte[]> profile = Optional.empty();
  Optional<byte[]> exif = Optional.empty();

  private WebpContainer(byte[] body, DecodeLimits limits, Deadline deadline) {
    this.body = body;
    this.limits = limits;
    this.deadline = deadline;
  }

  static WebpContainer read(byte[] body, DecodeLimits limits, Deadline deadline)
      throws ImageRejectedException {
    ByteReader riff = new ByteReader(body, 4, body.length, "the WebP");
    long size = riff.u32Little();
    riff.require(size);
    WebpContainer container = new WebpContainer(body, limits, deadline);
    container.chunks(new ByteReader(body, RIFF_HEADER, (int) (8 + size), "the WebP"));
    container.check();
    return container;
  }

  private void check() throws ImageRejectedException {
    if (bitstream.isEmpty()) {
      throw ImageRejectedException.corrupt("WebP without a frame");
    }
    if (!extended) {
      canvasWidth = frameWidth;
      canvasHeight = frameHeight;
    }
    if (left + frameWidth > canvasWidth || top + frameHeight > canvasHeight) {
      throw ImageRejectedException.corrupt(
          "WebP frame of %d x %d at %d, %d on a canvas of %d x %d"
              .formatted(frameWidth, frameHeight, left, top, canvasWidth, canvasHeight));
    }
  }

  private void chunks(ByteReader in) throws ImageRejectedException {
    while (in.remaining() >= 8) {
      deadline.check();
      String type = in.ascii(4);
      long length = in.u32Little();
      if (length > in.remaining()) {
        throw ImageRejectedException.corrupt("WebP chunk %s leaves the file".formatted(type));
      }
      int next = (int) Math.min(length + (length & 1), in.remaining()) + in.position();
      chunk(type, (int) length, in);
      in.skip(next - in.position());
    }
  }

  private void chunk(String type, int length, ByteReader in) throws ImageRejectedException {
    switch (type) {
      case "VP8X" -> {
        in.skip(4);
        canvasWidth = in.u24Little() + 1;
        canvasHeight = in.u24Little() + 1;
        limits.checkSize(canvasWidth, canvasHeight);
        extended = true;
      }
      case "ANMF" -> animationFrame(length, in);
      case "ALPH" -> alpha = alpha.isEmpty() && bitstream.isEmpty() ? take(in, length) : alpha;
      case "VP8 " -> frame(length, in, false);
      case "VP8L" -> frame(length, in, true);
      case "ANIM" -> {}
      default -> {
        metadataBytes += length;
        limits.checkMetadata(metadataBytes);
        if (type.equals("ICCP") && profile.isEmpty()) {
          profile = take(in, length);
        } else if (type.equals("EXIF") && exif.isEmpty()) {
          exif = take(in, length).map(WebpContainer::withoutTag);
        }
      }
    }
  }

  private void animationFrame(int length, ByteReader in) throws ImageRejectedException {
    if (length < FRAME_HEADER) {
      throw ImageRejectedException.corrupt("WebP frame of %d bytes".formatted(length));
    }
    if (bitstream.isPresent()) {
      frames++;
      return;
    }
    int end = in.position() + length;
    left = 2 * in.u24Little();
    top = 2 * in.u24Little();
    in.skip(FRAME_HEADER - 6L);
    chunks(new ByteReader(body, in.position(), end, "the first frame of the WebP"));
  }

  private void frame(int length, ByteReader in, boolean isLossless) throws ImageRejectedException {
    if (bitstream.isPresent()) {
      throw ImageRejectedException.corrupt("WebP with two still images");
    }
    if (length < 10) {
      throw ImageRejectedException.corrupt("WebP image of %d bytes".formatted(length));
    }
    lossless = isLossless;
    frames = 1;
    byte[] data = in.take(length);
    bitstream = Optional.of(data);
    ByteReader header = new ByteReader(data, 0, length, "the WebP image");
    if (isLossless) {
      if (header.u8() != 0x2f) {
        throw ImageRejectedException.corrupt("WebP lossless image without its signature");
      }
      long bits = header.u32Little();
      frameWidth = (int) (bits & 0x3fff) + 1;
      frameHeight = (int) ((bits >> 14) & 0x3fff) + 1;
    } else {
      int tag = header.u24Little();
      if ((tag & 1) != 0 || header.u24Little() != 0x2a019d || tag >> 5 > length - 10) {
        throw ImageRejectedException.corrupt("WebP image isn't a whole key frame");
      }
      frameWidth = header.u16Little() & 0x3fff;
      frameHeight = header.u16Little() & 0x3fff;
    }
    limits.checkSize(frameWidth, frameHeight);
    if (!isLossless) {
      checkLossyCost(length);
    }
  }

  private void checkLossyCost(int length) throws ImageRejectedException {
    long pixels = (long) frameWidth * frameHeight;
    if (pixels > MAX_LOSSY_PIXELS) {
      throw new ImageRejectedException(
          ImageRejectedException.Reason.TOO_MANY_PIXELS,
          "lossy WebP of %d x %d pixels; at most %d in all"
              .formatted(frameWidth, frameHeight, MAX_LOSSY_PIXELS));
    }
    // The prediction modes of a macroblock have fixed probabilities, which cost 2 bits at least.
    long macroblocks = ((frameWidth + 15L) / 16) * ((frameHeight + 15L) / 16);
    if (macroblocks * 2 / 8 > length) {
      throw ImageRejectedException.corrupt(
          "%d bytes of lossy WebP can't hold %d x %d pixels"
              .formatted(length, frameWidth, frameHeight));
    }
  }

  /** The first frame as a still WebP of its own. */
  byte[] firstFrame() {
    byte[] pixels = bitstream.orElseThrow();
    boolean separateAlpha = alpha.isPresent() && !lossless;
    int size = 4 + chunkBytes(pixels.length);
    if (separateAlpha) {
      size += chunkBytes(10) + chunkBytes(alpha.get().length);
    }
    ByteBuffer out = ByteBuffer.allocate(8 + size).order(ByteOrder.LITTLE_ENDIAN);
    put(out, "RIFF").putInt(size);
    put(out, "WEBP");
    if (separateAlpha) {
      ByteBuffer header = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
      header.putInt(ALPHA_FLAG);
      put24(header, frameWidth - 1);
      put24(header, frameHeight - 1);
      putChunk(out, "VP8X", header.array());
      putChunk(out, "ALPH", alpha.get());
    }
    putChunk(out, lossless ? "VP8L" : "VP8 ", pixels);
    return out.array();
  }

  private static int chunkBytes(int length) {
    return 8 + length + (length & 1);
  }

  private static void putChunk(ByteBuffer out, String type, byte[] data) {
    put(out, type).putInt(data.length).put(data);
    if ((data.length & 1) == 1) {
      out.put((byte) 0);
    }
  }

  private static ByteBuffer put(ByteBuffer out, String ascii) {
    return out.put(ascii.getBytes(StandardCharsets.US_ASCII));
  }

  private static void put24(ByteBuffer out, int value) {
    out.put((byte) value).put((byte) (value >> 8)).put((byte) (value >> 16));
  }

  private static Optional<byte[]> take(ByteReader in, int length) throws ImageRejectedException {
    return Optional.of(in.take(length));
  }

  /** Some writers keep the tag that the block has in JPEG. */
  private static byte[] withoutTag(byte[] exif) {
    String head = new String(exif, 0, Math.min(6, exif.length), StandardCharsets.ISO_8859_1);
    return head.equals("Exif\0\0") ? Arrays.copyOfRange(exif, 6, exif.length) : exif;
  }
}
