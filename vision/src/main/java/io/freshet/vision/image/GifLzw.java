package io.freshet.vision.image;

import java.util.Arrays;

/**
 * The LZW code of GIF: variable code size, least significant bit first. Owned by one thread, one
 * instance a frame.
 */
final class GifLzw {
  private static final int MAX_CODES = 4096;
  private static final int MAX_BITS = 12;

  private final int clearCode;
  private final int endCode;
  private final int firstBits;
  private final int[] prefix = new int[MAX_CODES];
  private final byte[] suffix = new byte[MAX_CODES];
  private final byte[] first = new byte[MAX_CODES];
  private final int[] lengths = new int[MAX_CODES];

  /**
   * @param minimumBits 1 to 8
   */
  GifLzw(int minimumBits) {
    this.clearCode = 1 << minimumBits;
    this.endCode = clearCode + 1;
    this.firstBits = minimumBits + 1;
    Arrays.fill(lengths, 1);
    for (int i = 0; i < clearCode; i++) {
      suffix[i] = (byte) i;
      first[i] = (byte) i;
    }
  }

  /**
   * Unfolds {@code data} into {@code out}.
   *
   * @throws ImageRejectedException CORRUPT when a code is impossible or the data ends before the
   *     last pixel
   */
  void decode(byte[] data, int dataLength, byte[] out, Deadline deadline)
      throws ImageRejectedException {
    int next = endCode + 1;
    int bits = firstBits;
    int previous = -1;
    int done = 0;
    long bitPosition = 0;
    long bitCount = 8L * dataLength;
    int codes = 0;
    while (done < out.length) {
      if (bitPosition + bits > bitCount) {
        throw shortOf(out.length - done);
      }
      if ((++codes & 0xffff) == 0) {
        deadline.check();
      }
      int code = read(data, dataLength, bitPosition, bits);
      bitPosition += bits;
      if (code == clearCode) {
        next = endCode + 1;
        bits = firstBits;
        previous = -1;
        continue;
      }
      if (code == endCode) {
        throw shortOf(out.length - done);
      }
      if (code > next || ((code == next || code > endCode) && previous < 0)) {
        throw ImageRejectedException.corrupt(
            "GIF code %d where %d is the next".formatted(code, next));
      }
      if (previous >= 0 && next < MAX_CODES) {
        add(next, previous, code == next ? first[previous] : first[code]);
        next++;
      } else if (code >= next) {
        throw ImageRejectedException.corrupt("GIF code %d in a full table".formatted(code));
      }
      done = write(code, out, done);
      previous = code;
      if (next == 1 << bits && bits < MAX_BITS) {
        bits++;
      }
    }
  }

  private void add(int code, int before, byte last) {
    prefix[code] = before;
    suffix[code] = last;
    first[code] = first[before];
    lengths[code] = lengths[before] + 1;
  }

  /** Writes a string back to front; what doesn't fit any more is dropped. */
  private int write(int code, byte[] out, int start) {
    int end = start + lengths[code];
    int at = end;
    int link = code;
    while (at > start) {
      at--;
      if (at < out.length) {
        out[at] = suffix[link];
      }
      link = prefix[link];
    }
    return Math.min(end, out.length);
  }

  private static int read(byte[] data, int length, long bitPosition, int bits) {
    int at = (int) (bitPosition >>> 3);
    int window = data[at] & 0xff;
    if (at + 1 < length) {
      window |= (data[at + 1] & 0xff) << 8;
    }
    if (at + 2 < length) {
      window |= (data[at + 2] & 0xff) << 16;
    }
    return (window >> (int) (bitPosition & 7)) & ((1 << bits) - 1);
  }

  private static ImageRejectedException shortOf(int pixels) {
    return ImageRejectedException.corrupt(
        "GIF data ends %d pixels before the frame does".formatted(pixels));
  }
}
