package io.freshet.vision.transform;

/**
 * Pillow's way to 8-bit HSV and back, as tables of what its float arithmetic gives. A pixel is
 * described by its largest sample (the value), the range down to its smallest, which channel is the
 * largest and how the other two differ.
 */
final class HueTables {
  /** Bits of an index that hold the difference of the two other samples, 256 added. */
  static final int DIFFERENCE_BITS = 9;

  /** Bits of an index that hold range or difference and range. */
  static final int SECTOR_SHIFT = DIFFERENCE_BITS + 8;

  /** Bits behind the point of {@link #MIDDLE}. */
  static final int MIDDLE_BITS = 23;

  static final int MIDDLE_HALF = 1 << (MIDDLE_BITS - 1);

  /** Hue by largest channel, range and difference (green - blue, blue - red or red - green). */
  static final byte[] HUE = new byte[Planes.CHANNELS << SECTOR_SHIFT];

  /** Saturation in the upper and smallest sample in the lower 8 bits, by range and value. */
  static final char[] SATURATION_LOW = new char[1 << 16];

  /**
   * What the value is multiplied with for the sample in the middle, in the lower 24 bits, by hue
   * and saturation; above it by two bits a channel, red first, whether it is the value or the
   * sample in the middle. It is the smallest sample where neither is set.
   */
  static final int[] MIDDLE = new int[1 << 16];

  static final int MIDDLE_MASK = 0xffffff;
  static final int RED_SHIFT = 24;
  static final int GREEN_SHIFT = 26;
  static final int BLUE_SHIFT = 28;

  private static final int VALUE = 1;
  private static final int MIDST = 2;
  private static final int LOW = 0;

  static {
    for (int value = 0; value < 256; value++) {
      for (int range = 0; range <= value; range++) {
        int saturation = value == 0 ? 0 : (int) ((float) range / value * 255.0);
        float share = (float) (saturation / 255.0);
        int low = (int) (value * (1.0 - share) + 0.5);
        SATURATION_LOW[range << 8 | value] = (char) (saturation << 8 | low);
      }
    }
    for (int range = 1; range < 256; range++) {
      for (int difference = -range; difference <= range; difference++) {
        for (int sector = 0; sector < Planes.CHANNELS; sector++) {
          int at = sector << SECTOR_SHIFT | range << DIFFERENCE_BITS | (difference + 256);
          HUE[at] = (byte) hue(sector, range, difference);
        }
      }
    }
    for (int hue = 0; hue < 256; hue++) {
      int sector = (int) Math.floor(hue * 6.0 / 255.0);
      float rest = (float) (hue * 6.0 / 255.0 - sector);
      int order = order(sector % 6);
      for (int saturation = 0; saturation < 256; saturation++) {
        float share = (float) (saturation / 255.0);
        double part = (sector & 1) == 1 ? 1.0 - share * rest : 1.0 - share * (1.0 - rest);
        MIDDLE[hue << 8 | saturation] = order | (int) Math.round(part * (1 << MIDDLE_BITS));
      }
    }
  }

  private HueTables() {}

  /** One of the other two samples is the smallest, so that its distance to the value is 1. */
  private static int hue(int sector, int range, int difference) {
    float nearer = (float) (range - Math.abs(difference)) / range;
    float turned = difference >= 0 ? 1f - nearer : nearer - 1f;
    float hue =
        switch (sector) {
          case 0 -> turned;
          case 1 -> (float) (difference >= 0 ? 2.0 + 1f - nearer : 2.0 + nearer - 1f);
          default -> (float) (difference >= 0 ? 4.0 + 1f - nearer : 4.0 + nearer - 1f);
        };
    double circle = hue / 6.0 + 1.0;
    return (int) ((float) (circle >= 1 ? circle - 1 : circle) * 255.0);
  }

  private static int order(int sector) {
    return switch (sector) {
      case 0 -> order(VALUE, MIDST, LOW);
      case 1 -> order(MIDST, VALUE, LOW);
      case 2 -> order(LOW, VALUE, MIDST);
      case 3 -> order(LOW, MIDST, VALUE);
      case 4 -> order(MIDST, LOW, VALUE);
      default -> order(VALUE, LOW, MIDST);
    };
  }

  private static int order(int red, int green, int blue) {
    return red << RED_SHIFT | green << GREEN_SHIFT | blue << BLUE_SHIFT;
  }
}
