package io.freshet.vision.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.vision.image.RgbImage;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** Integers against the plain float arithmetic, sample by sample. */
class PhotometricTest {
  private static final int[][] SIZES = {{1, 1}, {1, 7}, {5, 1}, {13, 5}, {64, 33}, {67, 47}};

  private final SplittableRandom random = new SplittableRandom(3);

  @Test
  void brightnessAndContrastEqualTheFloatArithmetic() {
    factors()
        .forEach(
            f -> {
              float factor = (float) f;
              for (int[] size : SIZES) {
                RgbImage image = noise(size[0], size[1]);
                compare(
                    image,
                    planes -> Photometric.brightness(planes, factor),
                    rgb -> StraightforwardPhotometric.brightness(rgb, rgb.length, factor),
                    "brightness " + factor);
                compare(
                    image,
                    planes -> Photometric.contrast(planes, factor),
                    rgb -> StraightforwardPhotometric.contrast(rgb, rgb.length, factor),
                    "contrast " + factor);
              }
            });
  }

  @Test
  void saturationEqualsTheFloatArithmetic() {
    RgbImage colours = everyColourInStepsOf(9);
    factors()
        .forEach(
            f -> {
              float factor = (float) f;
              compare(
                  colours,
                  planes -> Photometric.saturation(planes, factor, new int[planes.length()]),
                  rgb -> StraightforwardPhotometric.saturation(rgb, rgb.length, factor),
                  "saturation " + factor);
            });
  }

  @Test
  void hueOfEveryColourEqualsTheFloatArithmetic() {
    HueTurn hueTurn = new HueTurn();
    for (int red = 0; red < 256; red++) {
      RgbImage colours = everyColourWith(red);
      double factor = red == 0 ? 0.5 : red == 1 ? -0.5 : random.nextDouble(-0.5, 0.5);
      compare(
          colours,
          planes -> hueTurn.apply(planes, factor),
          rgb -> StraightforwardPhotometric.hue(rgb, rgb.length, factor),
          "hue " + factor);
    }
  }

  @Test
  void everyTurnOfTheHueEqualsTheFloatArithmetic() {
    HueTurn hueTurn = new HueTurn();
    RgbImage colours = everyColourInStepsOf(13);
    for (int turn = -127; turn <= 127; turn++) {
      double factor = turn / 255.0;
      compare(
          colours,
          planes -> hueTurn.apply(planes, factor),
          rgb -> StraightforwardPhotometric.hue(rgb, rgb.length, factor),
          "hue " + factor);
    }
  }

  /** The reference multiplies a value with each of these parts in doubles and rounds. */
  @Test
  void middleSamplesEqualTheDoubleArithmeticForEveryHueSaturationAndValue() {
    for (int hue = 0; hue < 256; hue++) {
      int sector = (int) Math.floor(hue * 6.0 / 255.0);
      float rest = (float) (hue * 6.0 / 255.0 - sector);
      for (int saturation = 0; saturation < 256; saturation++) {
        float share = (float) (saturation / 255.0);
        double part = sector % 2 == 1 ? 1.0 - share * rest : 1.0 - share * (1.0 - rest);
        int fixed = HueTables.MIDDLE[hue << 8 | saturation] & HueTables.MIDDLE_MASK;
        for (int value = 0; value < 256; value++) {
          int expected = (int) (value * part + 0.5);
          int actual = (value * fixed + HueTables.MIDDLE_HALF) >>> HueTables.MIDDLE_BITS;
          if (expected != actual) {
            assertEquals(expected, actual, hue + ", " + saturation + ", " + value);
          }
        }
      }
    }
  }

  @Test
  void greyscaleAndSolarizeEqualTheStraightforwardOnes() {
    for (int[] size : SIZES) {
      RgbImage image = noise(size[0], size[1]);
      compare(
          image,
          Photometric::greyscale,
          rgb -> StraightforwardPhotometric.greyscale(rgb, rgb.length),
          "greyscale");
      for (int threshold : new int[] {0, 1, 100, 128, 255, 256}) {
        compare(
            image,
            planes -> Photometric.solarize(planes, threshold),
            rgb -> StraightforwardPhotometric.solarize(rgb, rgb.length, threshold),
            "solarize " + threshold);
      }
    }
  }

  @Test
  void changesOfAGreyPictureKeepItGrey() {
    RgbImage image = noise(30, 20);
    compare(
        image,
        planes -> {
          Photometric.greyscale(planes);
          Photometric.brightness(planes, 0.7f);
          Photometric.contrast(planes, 1.3f);
          Photometric.saturation(planes, 1.2f, new int[planes.length()]);
          new HueTurn().apply(planes, 0.3);
          Photometric.solarize(planes, 90);
          assertTrue(planes.grey());
        },
        rgb -> {
          StraightforwardPhotometric.greyscale(rgb, rgb.length);
          StraightforwardPhotometric.brightness(rgb, rgb.length, 0.7f);
          StraightforwardPhotometric.contrast(rgb, rgb.length, 1.3f);
          StraightforwardPhotometric.saturation(rgb, rgb.length, 1.2f);
          StraightforwardPhotometric.hue(rgb, rgb.length, 0.3);
          StraightforwardPhotometric.solarize(rgb, rgb.length, 90);
        },
        "all changes of grey");
  }

  @Test
  void refusesTurnsBeyondHalfOfTheCircle() {
    Planes planes = PlanesFixture.of(noise(2, 2));
    assertThrows(IllegalArgumentException.class, () -> new HueTurn().apply(planes, 0.51));
    assertThrows(IllegalArgumentException.class, () -> new HueTurn().apply(planes, Double.NaN));
  }

  /** Those with few binary digits, where products hit whole numbers, and any others. */
  private DoubleStream factors() {
    return DoubleStream.concat(
        DoubleStream.of(0, 0.25, 0.5, 0.6, 0.75, 0.8, 1, 1.2, 1.25, 1.4, 1.5, 1.996, 2, 3.7),
        random.doubles(60, 0.4, 1.6));
  }

  private static void compare(
      RgbImage image, Consumer<Planes> actual, Consumer<byte[]> expected, String what) {
    Planes planes = PlanesFixture.of(image);
    actual.accept(planes);
    byte[] rgb = image.rgb().clone();
    expected.accept(rgb);
    for (int i = 0; i < rgb.length; i++) {
      if ((byte) planes.plane(i % 3)[i / 3] != rgb[i]) {
        assertEquals(rgb[i] & 0xff, planes.plane(i % 3)[i / 3], what + ", sample " + i);
      }
    }
  }

  private RgbImage noise(int width, int height) {
    byte[] rgb = new byte[RgbImage.sizeOf(width, height)];
    random.nextBytes(rgb);
    return new RgbImage(width, height, rgb);
  }

  private static RgbImage everyColourWith(int red) {
    byte[] rgb = new byte[RgbImage.sizeOf(256, 256)];
    for (int i = 0; i < 256 * 256; i++) {
      rgb[3 * i] = (byte) red;
      rgb[3 * i + 1] = (byte) (i >> 8);
      rgb[3 * i + 2] = (byte) i;
    }
    return new RgbImage(256, 256, rgb);
  }

  private static RgbImage everyColourInStepsOf(int step) {
    int levels = 255 / step + 1;
    byte[] rgb = new byte[RgbImage.sizeOf(levels * levels, levels)];
    for (int i = 0; i < levels * levels * levels; i++) {
      rgb[3 * i] = (byte) (i / (levels * levels) * step);
      rgb[3 * i + 1] = (byte) (i / levels % levels * step);
      rgb[3 * i + 2] = (byte) (i % levels * step);
    }
    return new RgbImage(levels * levels, levels, rgb);
  }
}
