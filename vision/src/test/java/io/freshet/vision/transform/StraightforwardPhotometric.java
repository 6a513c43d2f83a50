package io.freshet.vision.transform;

/**
 * Changes of colour in the plain arithmetic of Pillow and torchvision 0.14, in place on interleaved
 * RGB samples: what {@link Photometric} and {@link HueTurn} must equal.
 */
public final class StraightforwardPhotometric {
  private static final int[] HUE_SECTOR = new int[256];
  private static final float[] HUE_REST = new float[256];

  static {
    for (int h = 0; h < 256; h++) {
      HUE_SECTOR[h] = (int) Math.floor(h * 6.0 / 255.0);
      HUE_REST[h] = (float) (h * 6.0 / 255.0 - HUE_SECTOR[h]);
    }
  }

  private StraightforwardPhotometric() {}

  /**
   * @param length samples from the start of {@code rgb}, a multiple of 3
   * @param factor 0 gives black, 1 changes nothing
   */
  public static void brightness(byte[] rgb, int length, float factor) {
    for (int i = 0; i < length; i++) {
      rgb[i] = (byte) blend(0, rgb[i] & 0xff, factor);
    }
  }

  /**
   * @param factor 0 gives the mean luma, 1 changes nothing
   */
  public static void contrast(byte[] rgb, int length, float factor) {
    long sum = 0;
    for (int i = 0; i < length; i += 3) {
      sum += Photometric.luma(rgb[i] & 0xff, rgb[i + 1] & 0xff, rgb[i + 2] & 0xff);
    }
    int mean = (int) (sum / (length / 3.0) + 0.5);
    for (int i = 0; i < length; i++) {
      rgb[i] = (byte) blend(mean, rgb[i] & 0xff, factor);
    }
  }

  /**
   * @param factor 0 gives grey, 1 changes nothing
   */
  public static void saturation(byte[] rgb, int length, float factor) {
    for (int i = 0; i < length; i += 3) {
      int red = rgb[i] & 0xff;
      int green = rgb[i + 1] & 0xff;
      int blue = rgb[i + 2] & 0xff;
      int grey = Photometric.luma(red, green, blue);
      rgb[i] = (byte) blend(grey, red, factor);
      rgb[i + 1] = (byte) blend(grey, green, factor);
      rgb[i + 2] = (byte) blend(grey, blue, factor);
    }
  }

  /** Each pixel's luma on all three channels. */
  public static void greyscale(byte[] rgb, int length) {
    for (int i = 0; i < length; i += 3) {
      byte grey = (byte) Photometric.luma(rgb[i] & 0xff, rgb[i + 1] & 0xff, rgb[i + 2] & 0xff);
      rgb[i] = grey;
      rgb[i + 1] = grey;
      rgb[i + 2] = grey;
    }
  }

  /** Inverts the samples at {@code threshold} and above. */
  public static void solarize(byte[] rgb, int length, int threshold) {
    for (int i = 0; i < length; i++) {
      int sample = rgb[i] & 0xff;
      rgb[i] = (byte) (sample < threshold ? sample : 255 - sample);
    }
  }

  /**
   * Turns the hue; pixels go through 8-bit HSV, so even a turn by 0 rounds.
   *
   * @param factor -0.5 to 0.5 of the circle
   */
  public static void hue(byte[] rgb, int length, double factor) {
    if (!(factor >= -0.5 && factor <= 0.5)) {
      throw new IllegalArgumentException("hue turns by -0.5 to 0.5, not " + factor);
    }
    int turn = (int) (factor * 255) & 0xff;
    for (int i = 0; i < length; i += 3) {
      int red = rgb[i] & 0xff;
      int green = rgb[i + 1] & 0xff;
      int blue = rgb[i + 2] & 0xff;
      int value = Math.max(red, Math.max(green, blue));
      int least = Math.min(red, Math.min(green, blue));
      if (value == least) {
        continue;
      }
      float range = value - least;
      int saturation = (int) (range / value * 255.0);
      int hue = ((int) (hueOf(red, green, blue, value, range) * 255.0) + turn) & 0xff;
      if (saturation == 0) {
        rgb[i] = (byte) value;
        rgb[i + 1] = (byte) value;
        rgb[i + 2] = (byte) value;
      } else {
        fromHsv(rgb, i, hue, saturation, value);
      }
    }
  }

  private static float hueOf(int red, int green, int blue, int value, float range) {
    float toRed = (value - red) / range;
    float toGreen = (value - green) / range;
    float toBlue = (value - blue) / range;
    float hue;
    if (red == value) {
      hue = toBlue - toGreen;
    } else if (green == value) {
      hue = (float) (2.0 + toRed - toBlue);
    } else {
      hue = (float) (4.0 + toGreen - toRed);
    }
    double turned = hue / 6.0 + 1.0;
    return (float) (turned >= 1 ? turned - 1 : turned);
  }

  private static void fromHsv(byte[] rgb, int at, int hue, int saturation, int value) {
    float rest = HUE_REST[hue];
    float share = (float) (saturation / 255.0);
    byte full = (byte) value;
    byte low = round(value * (1.0 - share));
    byte falling = round(value * (1.0 - share * rest));
    byte rising = round(value * (1.0 - share * (1.0 - rest)));
    switch (HUE_SECTOR[hue] % 6) {
      case 0 -> put(rgb, at, full, rising, low);
      case 1 -> put(rgb, at, falling, full, low);
      case 2 -> put(rgb, at, low, full, rising);
      case 3 -> put(rgb, at, low, falling, full);
      case 4 -> put(rgb, at, rising, low, full);
      default -> put(rgb, at, full, low, falling);
    }
  }

  private static void put(byte[] rgb, int at, byte red, byte green, byte blue) {
    rgb[at] = red;
    rgb[at + 1] = green;
    rgb[at + 2] = blue;
  }

  private static byte round(double sample) {
    return (byte) (int) (sample + 0.5);
  }

  /** Pillow's blend: beyond 0..1 it extrapolates and clips; fractions are cut off. */
  private static int blend(int from, int to, float factor) {
    float blended = from + factor * (to - from);
    return (int) Math.max(0f, Math.min(255f, blended));
  }
}
