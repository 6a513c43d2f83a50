package io.freshet.vision.image;

import java.io.ByteArrayOutputStream;
import java.util.EnumSet;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decodes PNG (ISO/IEC 15948): every colour type and depth, interlaced or not. Stricter than most:
 * each checksum must hold and the pixel data must be whole. gAMA and cHRM are not applied.
 */
final class PngDecoder {
  /** Deflate can't do better than 1032 to 1, so a larger picture isn't in the file. */
  private static final long DEFLATE_RATIO = 1040;

  private static final int[][] WHOLE = {{0, 0, 1, 1}};
  private static final int[][] ADAM7 = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
  };

  private final DecodeLimits limits;
  private final Deadline deadline;

  PngDecoder(DecodeLimits limits, Deadline deadline) {
    this.limits = limits;
    this.deadline = deadline;
  }

  PixelLayer decode(byte[] body) throws ImageRejectedException {
    PngChunks chunks = PngChunks.read(body, limits, deadline);
    PngHeader header = chunks.header();
    long unfolded = (long) header.rowBytes(header.width()) * header.height();
    if (unfolded / DEFLATE_RATIO > chunks.pixelBytes) {
      throw ImageRejectedException.corrupt(
          "%d bytes of PNG data can't hold %d x %d pixels"
              .formatted(chunks.pixelBytes, header.width(), header.height()));
    }
    PngPixels pixels = PngPixels.of(header, chunks.palette, chunks.transparency);
    Canvas canvas = new Canvas(header.width(), header.height());
    try (PngRows rows = new PngRows(body, chunks)) {
      for (int[] pass : header.interlaced() ? ADAM7 : WHOLE) {
        readPass(rows, header, pass, pixels, canvas);
      }
      rows.finish();
    }
    PixelLayer layer = PixelLayer.plain(canvas.toImage(), chunks.frames);
    return withMetadata(layer, chunks);
  }

  /**
   * @param pass x and y of its first pixel, x and y distance of its pixels
   */
  private void readPass(PngRows rows, PngHeader header, int[] pass, PngPixels pixels, Canvas canvas)
      throws ImageRejectedException {
    int columns = (header.width() - pass[0] + pass[2] - 1) / pass[2];
    int lines = (header.height() - pass[1] + pass[3] - 1) / pass[3];
    if (columns == 0 || lines == 0) {
      return;
    }
    int length = header.rowBytes(columns);
    int step = Math.max(1, header.bitsPerPixel() / 8);
    byte[] row = new byte[length];
    byte[] above = new byte[length];
    for (int line = 0; line < lines; line++) {
      if ((line & 15) == 0) {
        deadline.check();
      }
      int filter = rows.read(row, length);
      PngFilter.undo(filter, row, above, length, step);
      pixels.lay(row, columns, canvas, pass[0], pass[1] + line * pass[3], pass[2]);
      byte[] swap = above;
      above = row;
      row = swap;
    }
  }

  private PixelLayer withMetadata(PixelLayer layer, PngChunks chunks) {
    Optional<byte[]> profile = Optional.empty();
    EnumSet<DecodedImage.Notice> notices = EnumSet.noneOf(DecodedImage.Notice.class);
    int colours = chunks.header().colourType();
    boolean grey = colours == PngHeader.GREY || colours == PngHeader.GREY_ALPHA;
    if (chunks.profile.isPresent() && !chunks.saysSrgb && !grey) {
      profile = unfoldProfile(chunks.profile.get());
      if (profile.isEmpty()) {
        notices.add(DecodedImage.Notice.PROFILE_IGNORED);
      }
    }
    return new PixelLayer(layer.image(), layer.frames(), profile, chunks.exif, notices);
  }

  /** Empty when it is damaged or unfolds to more than the metadata limit. */
  private Optional<byte[]> unfoldProfile(byte[] chunk) {
    int start = PngChunks.profileStart(chunk);
    if (start < 0) {
      return Optional.empty();
    }
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(chunk, start, chunk.length - start);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      while (!inflater.finished()) {
        int read = inflater.inflate(buffer);
        if ((read == 0 && !inflater.finished()) || out.size() + read > limits.maxMetadataBytes()) {
          return Optional.empty();
        }
        out.write(buffer, 0, read);
      }
      return Optional.of(out.toByteArray());
    } catch (DataFormatException e) {
      return Optional.empty();
    } finally {
      inflater.end();
    }
  }
}
