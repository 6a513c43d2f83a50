package io.freshet.vision.image;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * How an image is stored and named once it was accepted: a plain 8-bit RGB PNG with the chunks
 * IHDR, IDAT and IEND and nothing else, and an id that is taken over the pixels, not over the PNG,
 * so that it outlives any change of compression.
 */
public final class CanonicalEncoding {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final byte[] ID_TAG = "freshet/rgb8/1\0".getBytes(StandardCharsets.US_ASCII);
  private static final int IHDR_BYTES = 13;
  private static final int CHUNK_OVERHEAD = 12;
  private static final int PIXEL_STEP = 3;
  private static final int LEVEL = 1;

  /** Bytes that are unfolded at a time, so that they are still in the cache when they are used. */
  private static final int STRIP_BYTES = 1 << 15;

  private static final DecodeLimits OWN_LIMITS =
      new DecodeLimits(
          Integer.MAX_VALUE - 8, 1, Integer.MAX_VALUE, 700_000_000, 0, Duration.ofDays(1));

  private CanonicalEncoding() {}

  /** Lossless; the same pixels give the same bytes under one version of zlib. */
  public static byte[] encode(RgbImage image) {
    byte[] deflated = deflate(image);
    ByteBuffer out =
        ByteBuffer.allocate(SIGNATURE.length + 3 * CHUNK_OVERHEAD + IHDR_BYTES + deflated.length);
    out.put(SIGNATURE);
    ByteBuffer header = ByteBuffer.allocate(IHDR_BYTES);
    header.putInt(image.width()).putInt(image.height());
    header.put((byte) 8).put((byte) PngHeader.RGB).put((byte) 0).put((byte) 0).put((byte) 0);
    putChunk(out, "IHDR", header.array());
    putChunk(out, "IDAT", deflated);
    putChunk(out, "IEND", new byte[0]);
    return out.array();
  }

  /**
   * @param png what {@link #encode} wrote
   * @throws IllegalArgumentException when it is anything else, or damaged
   */
  public static RgbImage decode(byte[] png) {
    try {
      Deadline never = new Deadline(() -> 0, OWN_LIMITS.timeout());
      PngChunks chunks = PngChunks.read(png, OWN_LIMITS, never);
      PngHeader header = chunks.header();
      long onlyThese = SIGNATURE.length + 3 * CHUNK_OVERHEAD + IHDR_BYTES + chunks.pixelBytes;
      boolean canonical =
          Format.PNG == Sniffer.sniff(png)
              && png.length == onlyThese
              && chunks.pixels.size() == 1
              && header.bitDepth() == 8
              && header.colourType() == PngHeader.RGB
              && !header.interlaced();
      if (!canonical) {
        throw new IllegalArgumentException(
            "a PNG, but not in the canonical encoding; decode it with ImageDecoder");
      }
      return readRows(png, chunks);
    } catch (ImageRejectedException e) {
      throw new IllegalArgumentException("not a canonical image: " + e.detail(), e);
    }
  }

  /**
   * The name of an image: 64 hex digits, SHA-256 over a version tag, width, height (big-endian, 32
   * bits each) and the RGB bytes.
   */
  public static String imageId(RgbImage image) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    digest.update(ID_TAG);
    digest.update(ByteBuffer.allocate(8).putInt(image.width()).putInt(image.height()).array());
    digest.update(image.rgb());
    return HexFormat.of().formatHex(digest.digest());
  }

  private static RgbImage readRows(byte[] png, PngChunks chunks) throws ImageRejectedException {
    int width = chunks.header().width();
    int height = chunks.header().height();
    int rowBytes = PIXEL_STEP * width;
    byte[] rgb = new byte[RgbImage.sizeOf(width, height)];
    int stripRows = Math.max(1, Math.min(height, STRIP_BYTES / (rowBytes + 1)));
    byte[] strip = new byte[stripRows * (rowBytes + 1)];
    try (PngRows rows = new PngRows(png, chunks)) {
      for (int top = 0; top < height; top += stripRows) {
        int count = Math.min(stripRows, height - top);
        rows.readWhole(strip, count * (rowBytes + 1));
        for (int i = 0; i < count; i++) {
          int at = i * (rowBytes + 1);
          PngFilter.undoRgb(strip[at], strip, at + 1, rgb, (top + i) * rowBytes, rowBytes);
        }
      }
      rows.finish();
    }
    return new RgbImage(width, height, rgb);
  }

  private static byte[] deflate(RgbImage image) {
    int rowBytes = PIXEL_STEP * image.width();
    byte[] filtered = new byte[Math.multiplyExact(rowBytes + 1, image.height())];
    filterRows(image, rowBytes, filtered);
    Deflater deflater = new Deflater(LEVEL);
    try {
      deflater.setInput(filtered);
      deflater.finish();
      byte[] out = new byte[filtered.length / 2 + 256];
      int length = 0;
      while (!deflater.finished()) {
        if (length == out.length) {
          out = Arrays.copyOf(out, out.length + out.length / 2);
        }
        length += deflater.deflate(out, length, out.length - length);
      }
      return Arrays.copyOf(out, length);
    } finally {
      deflater.end();
    }
  }

  /** Each row takes the filter that leaves the smallest differences. */
  private static void filterRows(RgbImage image, int rowBytes, byte[] filtered) {
    byte[] row = new byte[rowBytes];
    byte[] above = new byte[rowBytes];
    byte[] sub = new byte[rowBytes];
    byte[] up = new byte[rowBytes];
    int target = 0;
    for (int y = 0; y < image.height(); y++) {
      System.arraycopy(image.rgb(), y * rowBytes, row, 0, rowBytes);
      long subSum = PngFilter.applySub(row, rowBytes, PIXEL_STEP, sub);
      long upSum = PngFilter.applyUp(row, above, rowBytes, up);
      boolean upWins = upSum < subSum;
      filtered[target] = (byte) (upWins ? PngFilter.UP : PngFilter.SUB);
      System.arraycopy(upWins ? up : sub, 0, filtered, target + 1, rowBytes);
      target += rowBytes + 1;
      byte[] swap = above;
      above = row;
      row = swap;
    }
  }

  private static void putChunk(ByteBuffer out, String type, byte[] data) {
    out.putInt(data.length);
    int start = out.position();
    out.put(type.getBytes(StandardCharsets.US_ASCII)).put(data);
    CRC32 crc = new CRC32();
    crc.update(out.duplicate().flip().position(start));
    out.putInt((int) crc.getValue());
  }
}
