package io.freshet.vision.transform;

/**
 * Turns the hue of a picture; pixels go through 8-bit HSV, so even a turn by 0 rounds.
 *
 * <p>Works in blocks that stay in the first-level cache: what can be had by arithmetic in loops of
 * one index, which vectorise, and the three look-ups a pixel in one loop between them. Keeps its
 * buffers; one owner thread.
 */
final class HueTurn {
  private static final int BLOCK = 1024;

  private final int[] red = new int[BLOCK];
  private final int[] green = new int[BLOCK];
  private final int[] blue = new int[BLOCK];
  private final int[] value = new int[BLOCK];
  private final int[] low = new int[BLOCK];

  /** First range and value, later saturation and the smallest sample after the turn. */
  private final int[] spread = new int[BLOCK];

  /** First where the hue is, later {@link HueTables#MIDDLE}. */
  private final int[] angle = new int[BLOCK];

  /**
   * @param factor -0.5 to 0.5 of the circle
   */
  void apply(Planes picture, double factor) {
    if (!(factor >= -0.5 && factor <= 0.5)) {
      throw new IllegalArgumentException("hue turns by -0.5 to 0.5, not " + factor);
    }
    if (picture.grey()) {
      return;
    }
    int turn = (int) (factor * 255) & 0xff;
    for (int start = 0; start < picture.length(); start += BLOCK) {
      int length = Math.min(BLOCK, picture.length() - start);
      System.arraycopy(picture.plane(0), start, red, 0, length);
      System.arraycopy(picture.plane(1), start, green, 0, length);
      System.arraycopy(picture.plane(2), start, blue, 0, length);
      turn(turn, length);
      System.arraycopy(red, 0, picture.plane(0), start, length);
      System.arraycopy(green, 0, picture.plane(1), start, length);
      System.arraycopy(blue, 0, picture.plane(2), start, length);
    }
  }

  private void turn(int turn, int length) {
    largest(red, green, blue, value, length);
    smallest(red, green, blue, low, length);
    differences(red, green, blue, value, angle, length);
    spreads(value, low, angle, spread, length);
    lookUp(angle, spread, turn, length);
    middles(angle, value, low, length);
    mix(angle, value, low, spread, HueTables.RED_SHIFT, red, length);
    mix(angle, value, low, spread, HueTables.GREEN_SHIFT, green, length);
    mix(angle, value, low, spread, HueTables.BLUE_SHIFT, blue, length);
  }

  private static void largest(int[] reds, int[] greens, int[] blues, int[] out, int length) {
    for (int i = 0; i < length; i++) {
      out[i] = larger(reds[i], larger(greens[i], blues[i]));
    }
  }

  private static void smallest(int[] reds, int[] greens, int[] blues, int[] out, int length) {
    for (int i = 0; i < length; i++) {
      out[i] = smaller(reds[i], smaller(greens[i], blues[i]));
    }
  }

  /** Which channel, red before green before blue, is the largest, and how the others differ. */
  private static void differences(
      int[] reds, int[] greens, int[] blues, int[] values, int[] out, int length) {
    for (int i = 0; i < length; i++) {
      int isRed = ~((reds[i] - values[i]) >> 31);
      int isGreen = ~((greens[i] - values[i]) >> 31) & ~isRed;
      int isBlue = ~(isRed | isGreen);
      int difference =
          ((greens[i] - blues[i]) & isRed)
              | ((blues[i] - reds[i]) & isGreen)
              | ((reds[i] - greens[i]) & isBlue);
      int sector = (isGreen & 1) | (isBlue & 2);
      out[i] = sector << HueTables.SECTOR_SHIFT | (difference + 256);
    }
  }

  private static void spreads(int[] values, int[] lows, int[] angles, int[] out, int length) {
    for (int i = 0; i < length; i++) {
      int range = values[i] - lows[i];
      out[i] = range << 8 | values[i];
      angles[i] |= range << HueTables.DIFFERENCE_BITS;
    }
  }

  private static void lookUp(int[] angles, int[] spreads, int turn, int length) {
    byte[] hues = HueTables.HUE;
    char[] saturations = HueTables.SATURATION_LOW;
    int[] middles = HueTables.MIDDLE;
    for (int i = 0; i < length; i++) {
      int hue = (hues[angles[i]] + turn) & 0xff;
      int saturationLow = saturations[spreads[i]];
      spreads[i] = saturationLow;
      angles[i] = middles[hue << 8 | saturationLow >> 8];
    }
  }

  private static void middles(int[] angles, int[] values, int[] out, int length) {
    for (int i = 0; i < length; i++) {
      int part = angles[i] & HueTables.MIDDLE_MASK;
      out[i] = (values[i] * part + HueTables.MIDDLE_HALF) >>> HueTables.MIDDLE_BITS;
    }
  }

  private static void mix(
      int[] angles, int[] values, int[] middles, int[] lows, int shift, int[] out, int length) {
    int valueLeft = 31 - shift;
    int middleLeft = 30 - shift;
    for (int i = 0; i < length; i++) {
      int low = lows[i] & 0xff;
      int asValue = (angles[i] << valueLeft) >> 31;
      int asMiddle = (angles[i] << middleLeft) >> 31;
      out[i] = low ^ ((low ^ values[i]) & asValue) ^ ((low ^ middles[i]) & asMiddle);
    }
  }

  private static int larger(int a, int b) {
    int less = a - b;
    return a - (less & (less >> 31));
  }

  private static int smaller(int a, int b) {
    int less = a - b;
    return b + (less & (less >> 31));
  }
}
