package io.freshet.vision.transform;

/**
 * A picture under way through the augmentations: one plane of samples a channel, row-major, 0 to
 * 255 each. They are held as ints because the compiler turns loops over int arrays of one index
 * into vector instructions, and loops over bytes not. Reused from crop to crop; one owner thread.
 */
final class Planes {
  static final int CHANNELS = 3;

  private final int[][] samples;
  private int width;
  private int height;
  private boolean grey;

  /**
   * @param capacity pixels of the largest picture that it is to hold
   */
  Planes(int capacity) {
    this.samples = new int[CHANNELS][capacity];
  }

  /** Begins a picture of this size, in colour; its samples are whatever they were. */
  void begin(int newWidth, int newHeight) {
    if ((long) newWidth * newHeight > samples[0].length) {
      throw new IllegalArgumentException(
          "%d x %d pixels don't fit into %d".formatted(newWidth, newHeight, samples[0].length));
    }
    width = newWidth;
    height = newHeight;
    grey = false;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** Pixels of the picture; planes may be longer. */
  int length() {
    return width * height;
  }

  /** The samples of a channel; of a grey picture all channels are one plane. */
  int[] plane(int channel) {
    return samples[grey ? 0 : channel];
  }

  /** Planes that differ: 1 for a grey picture. */
  int distinct() {
    return grey ? 1 : CHANNELS;
  }

  boolean grey() {
    return grey;
  }

  /** From now on the first plane stands for all three. */
  void keepFirstAsGrey() {
    grey = true;
  }

  /** Takes over interleaved samples from the start of {@code rgb}. */
  void setInterleaved(byte[] rgb) {
    for (int c = 0; c < CHANNELS; c++) {
      int[] plane = samples[c];
      int at = c;
      for (int i = 0; i < length(); i++) {
        plane[i] = rgb[at] & 0xff;
        at += CHANNELS;
      }
    }
  }
}
