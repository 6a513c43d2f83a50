package io.freshet.vision.transform;

import java.util.random.RandomGenerator;

/**
 * Brightness, contrast, saturation and hue by random amounts in random order, as torchvision's
 * {@code ColorJitter}.
 *
 * @param brightness factors are uniform in 1 - this to 1 + this, not below 0
 * @param contrast likewise
 * @param saturation likewise
 * @param hue turns are uniform in -this to this, at most 0.5
 * @param probability that a picture is changed at all
 */
public record ColourJitter(
    double brightness, double contrast, double saturation, double hue, double probability) {
  private static final int CHANGES = 4;

  public ColourJitter {
    if (!(brightness >= 0 && contrast >= 0 && saturation >= 0 && hue >= 0 && hue <= 0.5)) {
      throw new IllegalArgumentException(
          "jitter must not be negative, hue at most 0.5: %s, %s, %s, %s"
              .formatted(brightness, contrast, saturation, hue));
    }
    MultiCropConfig.requireProbability("jitter", probability);
  }

  /**
   * Draws and changes {@code picture} in place.
   *
   * @param luma room for a plane
   */
  void apply(Planes picture, int[] luma, HueTurn hueTurn, RandomGenerator random) {
    if (random.nextDouble() >= probability) {
      return;
    }
    float brightnessFactor = factor(brightness, random);
    float contrastFactor = factor(contrast, random);
    float saturationFactor = factor(saturation, random);
    double hueFactor = hue * (2 * random.nextDouble() - 1);
    int left = 0b1111;
    for (int remaining = CHANGES; remaining > 0; remaining--) {
      int change = nthBit(left, random.nextInt(remaining));
      left &= ~(1 << change);
      switch (change) {
        case 0 -> Photometric.brightness(picture, brightnessFactor);
        case 1 -> Photometric.contrast(picture, contrastFactor);
        case 2 -> Photometric.saturation(picture, saturationFactor, luma);
        default -> {
          if (hue > 0) {
            hueTurn.apply(picture, hueFactor);
          }
        }
      }
    }
  }

  private static float factor(double spread, RandomGenerator random) {
    double low = Math.max(0, 1 - spread);
    return (float) (low + (1 + spread - low) * random.nextDouble());
  }

  private static int nthBit(int set, int n) {
    int rest = set;
    for (int i = 0; i < n; i++) {
      rest &= rest - 1;
    }
    return Integer.numberOfTrailingZeros(rest);
  }
}
