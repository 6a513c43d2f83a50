package io.freshet.vision.image;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/** The chunks of a PNG that matter to its pixels, each with its checksum verified. */
final class PngChunks {
  static final int SIGNATURE_BYTES = 8;
  private static final int CHUNK_OVERHEAD = 12;
  private static final int HEADER_BYTES = 13;

  /** A stretch of compressed pixels in the body. */
  record Range(int offset, int length) {}

  private final byte[] body;
  private final DecodeLimits limits;
  private final Deadline deadline;

  private Optional<PngHeader> header = Optional.empty();
  Optional<byte[]> palette = Optional.empty();
  Optional<byte[]> transparency = Optional.empty();
  Optional<byte[]> profile = Optional.empty();
  Optional<byte[]> exif = Optional.empty();
  boolean saysSrgb;
  int frames = 1;
  long pixelBytes;
  final List<Range> pixels = new ArrayList<>();

  private long metadataBytes;
  private boolean pixelsEnded;

  private PngChunks(byte[] body, DecodeLimits limits, Deadline deadline) {
    this.body = body;
    this.limits = limits;
    this.deadline = deadline;
  }

  static PngChunks read(byte[] body, DecodeLimits limits, Deadline deadline)
      throws ImageRejectedException {
    PngChunks chunks = new PngChunks(body, limits, deadline);
    ByteReader in = new ByteReader(body, SIGNATURE_BYTES, body.length, "the PNG");
    boolean more = true;
    while (more) {
      more = chunks.readChunk(in);
    }
    if (chunks.pixels.isEmpty()) {
      throw ImageRejectedException.corrupt("PNG without pixels");
    }
    return chunks;
  }

  PngHeader header() {
    return header.orElseThrow();
  }

  /** Returns false once the end chunk was read. */
  private boolean readChunk(ByteReader in) throws ImageRejectedException {
    deadline.check();
    in.require(CHUNK_OVERHEAD);
    long length = in.u32();
    String type = in.ascii(4);
    boolean critical = type.charAt(0) >= 'A' && type.charAt(0) <= 'Z';
    if (!type.chars().allMatch(c -> (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))) {
      throw ImageRejectedException.corrupt(
          "PNG chunk at byte %d has no name of letters".formatted(in.position() - 8));
    }
    if (!critical && !type.equals("fdAT")) {
      metadataBytes += length;
      limits.checkMetadata(metadataBytes);
    }
    in.require(length + 4);
    int start = in.position();
    in.skip(length);
    boolean intact = crc(start - 4, (int) length + 4) == in.u32();
    if (!intact && critical) {
      throw ImageRejectedException.corrupt("PNG chunk %s fails its checksum".formatted(type));
    }
    if (header.isEmpty() && !type.equals("IHDR")) {
      throw ImageRejectedException.corrupt("PNG starts with chunk %s".formatted(type));
    }
    if (intact) {
      keep(type, start, (int) length, critical);
    }
    return !type.equals("IEND");
  }

  private void keep(String type, int start, int length, boolean critical)
      throws ImageRejectedException {
    pixelsEnded |= !pixels.isEmpty() && !type.equals("IDAT");
    switch (type) {
      case "IHDR" -> {
        if (header.isPresent() || length != HEADER_BYTES) {
          throw ImageRejectedException.corrupt("PNG header of %d bytes".formatted(length));
        }
        header =
            Optional.of(
                PngHeader.read(new ByteReader(body, start, start + length, "IHDR"), limits));
      }
      case "PLTE" -> {
        if (length == 0 || length % 3 != 0 || length > 768 || palette.isPresent()) {
          throw ImageRejectedException.corrupt("PNG palette of %d bytes".formatted(length));
        }
        palette = Optional.of(copy(start, length));
      }
      case "IDAT" -> {
        if (pixelsEnded) {
          throw ImageRejectedException.corrupt("PNG pixels in two places");
        }
        pixels.add(new Range(start, length));
        pixelBytes += length;
      }
      case "IEND" -> {}
      case "tRNS" -> transparency = Optional.of(copy(start, length));
      case "iCCP" -> profile = Optional.of(copy(start, length));
      case "eXIf" -> exif = Optional.of(copy(start, length));
      case "sRGB" -> saysSrgb = true;
      case "acTL" -> {
        if (length == 8) {
          long count = new ByteReader(body, start, start + length, "acTL").u32();
          frames = (int) Math.max(1, Math.min(count, Integer.MAX_VALUE));
        }
      }
      default -> {
        if (critical) {
          throw ImageRejectedException.corrupt(
              "PNG chunk %s is critical and unknown".formatted(type));
        }
      }
    }
  }

  private long crc(int offset, int length) {
    CRC32 crc = new CRC32();
    crc.update(body, offset, length);
    return crc.getValue();
  }

  private byte[] copy(int start, int length) {
    byte[] copied = new byte[length];
    System.arraycopy(body, start, copied, 0, length);
    return copied;
  }

  /** Where the compressed profile starts in an iCCP chunk; -1 when the chunk is malformed. */
  static int profileStart(byte[] chunk) {
    String latin = new String(chunk, 0, Math.min(chunk.length, 80), StandardCharsets.ISO_8859_1);
    int nameEnd = latin.indexOf('\0');
    boolean deflated = nameEnd > 0 && nameEnd + 2 < chunk.length && chunk[nameEnd + 1] == 0;
    return deflated ? nameEnd + 2 : -1;
  }
}
