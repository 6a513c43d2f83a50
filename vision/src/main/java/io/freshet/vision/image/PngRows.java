package io.freshet.vision.image;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Unfolds the pixel data of a PNG row by row. Owned by one thread; close frees the inflater. */
final class PngRows implements AutoCloseable {
  private final byte[] body;
  private final PngChunks chunks;
  private final Inflater inflater = new Inflater();
  private final byte[] filter = new byte[1];
  private int nextRange;

  PngRows(byte[] body, PngChunks chunks) {
    this.body = body;
    this.chunks = chunks;
  }

  /** Reads one row and returns its filter. */
  int read(byte[] row, int length) throws ImageRejectedException {
    fill(filter, 1);
    fill(row, length);
    return filter[0];
  }

  /** Reads the first {@code length} bytes of {@code out}: rows with their filters before them. */
  void readWhole(byte[] out, int length) throws ImageRejectedException {
    fill(out, length);
  }

  /** Checks that the stream ends where the pixels do, and with it the checksum over them. */
  void finish() throws ImageRejectedException {
    byte[] surplus = new byte[1];
    if (inflate(surplus, 0, 1) != 0) {
      throw ImageRejectedException.corrupt("PNG holds more pixel data than its size says");
    }
  }

  private void fill(byte[] out, int length) throws ImageRejectedException {
    if (inflate(out, 0, length) < length) {
      throw ImageRejectedException.corrupt("PNG pixel data ends before the last row");
    }
  }

  private int inflate(byte[] out, int offset, int length) throws ImageRejectedException {
    int done = offset;
    try {
      while (done < length && !inflater.finished()) {
        int read = inflater.inflate(out, done, length - done);
        done += read;
        if (read == 0 && !inflater.finished() && !refill()) {
          throw ImageRejectedException.corrupt("PNG pixel data isn't a whole zlib stream");
        }
      }
    } catch (DataFormatException e) {
      throw new ImageRejectedException(
          ImageRejectedException.Reason.CORRUPT, "PNG pixel data: " + e.getMessage(), e);
    }
    return done;
  }

  private boolean refill() {
    if (inflater.needsDictionary() || !inflater.needsInput()) {
      return false;
    }
    if (nextRange == chunks.pixels.size()) {
      return false;
    }
    PngChunks.Range range = chunks.pixels.get(nextRange++);
    inflater.setInput(body, range.offset(), range.length());
    return true;
  }

  @Override
  public void close() {
    inflater.end();
  }
}
