package io.freshet.vision.image;

import java.util.Arrays;

/** The five row filters of PNG (ISO/IEC 15948, section 9), both ways. */
final class PngFilter {
  static final int NONE = 0;
  static final int SUB = 1;
  static final int UP = 2;
  static final int AVERAGE = 3;
  static final int PAETH = 4;

  private PngFilter() {}

  /**
   * Undoes a filter in place.
   *
   * @param above the row above, already undone; zeros for the first
   * @param step bytes between a sample and the one to its left, at least 1
   */
  static void undo(int filter, byte[] row, byte[] above, int length, int step)
      throws ImageRejectedException {
    switch (filter) {
      case NONE -> {}
      case SUB -> {
        for (int i = step; i < length; i++) {
          row[i] += row[i - step];
        }
      }
      case UP -> {
        for (int i = 0; i < length; i++) {
          row[i] += above[i];
        }
      }
      case AVERAGE -> {
        for (int i = 0; i < length; i++) {
          int left = i < step ? 0 : row[i - step] & 0xff;
          row[i] += (byte) ((left + (above[i] & 0xff)) >>> 1);
        }
      }
      case PAETH -> {
        int head = Math.min(step, length);
        for (int i = 0; i < head; i++) {
          row[i] += above[i];
        }
        for (int i = head; i < length; i++) {
          row[i] += (byte) paeth(row[i - step] & 0xff, above[i] & 0xff, above[i - step] & 0xff);
        }
      }
      default ->
          throw ImageRejectedException.corrupt("PNG row filter %d; 0 to 4 exist".formatted(filter));
    }
  }

  /**
   * Undoes a filter of a row of 8-bit RGB on the way to its picture.
   *
   * @param in holds the filtered row from {@code from} on
   * @param rgb takes the row at {@code to}; the row above lies before it
   */
  static void undoRgb(int filter, byte[] in, int from, byte[] rgb, int to, int rowBytes)
      throws ImageRejectedException {
    if (filter == SUB) {
      sumRgb(in, from, rgb, to, rowBytes);
    } else if (filter == UP && to > 0) {
      for (int i = 0; i < rowBytes; i++) {
        rgb[to + i] = (byte) (in[from + i] + rgb[to - rowBytes + i]);
      }
    } else {
      byte[] row = Arrays.copyOfRange(in, from, from + rowBytes);
      byte[] above = to == 0 ? new byte[rowBytes] : Arrays.copyOfRange(rgb, to - rowBytes, to);
      undo(filter, row, above, rowBytes, 3);
      System.arraycopy(row, 0, rgb, to, rowBytes);
    }
  }

  /** Each channel's sum stays in a register, where the next pixel needs it at once. */
  private static void sumRgb(byte[] in, int from, byte[] rgb, int to, int rowBytes) {
    int red = 0;
    int green = 0;
    int blue = 0;
    for (int i = 0; i < rowBytes; i += 3) {
      red += in[from + i];
      green += in[from + i + 1];
      blue += in[from + i + 2];
      rgb[to + i] = (byte) red;
      rgb[to + i + 1] = (byte) green;
      rgb[to + i + 2] = (byte) blue;
    }
  }

  /** Writes {@code row} filtered with SUB; returns the sum of absolute differences. */
  static long applySub(byte[] row, int length, int step, byte[] out) {
    long sum = 0;
    int head = Math.min(step, length);
    for (int i = 0; i < head; i++) {
      out[i] = row[i];
      sum += Math.abs(row[i]);
    }
    for (int i = head; i < length; i++) {
      byte difference = (byte) (row[i] - row[i - step]);
      out[i] = difference;
      sum += Math.abs(difference);
    }
    return sum;
  }

  /** Writes {@code row} filtered with UP; returns the sum of absolute differences. */
  static long applyUp(byte[] row, byte[] above, int length, byte[] out) {
    long sum = 0;
    for (int i = 0; i < length; i++) {
      byte difference = (byte) (row[i] - above[i]);
      out[i] = difference;
      sum += Math.abs(difference);
    }
    return sum;
  }

  private static int paeth(int left, int up, int upLeft) {
    int toLeft = Math.abs(up - upLeft);
    int toUp = Math.abs(left - upLeft);
    int toUpLeft = Math.abs(left + up - 2 * upLeft);
    if (toLeft <= toUp && toLeft <= toUpLeft) {
      return left;
    }
    return toUp <= toUpLeft ? up : upLeft;
  }
}
