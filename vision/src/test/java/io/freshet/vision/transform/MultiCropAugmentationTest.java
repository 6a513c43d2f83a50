package io.freshet.vision.transform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.vision.image.RgbImage;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MultiCropAugmentationTest {
  private static final ColourJitter NO_JITTER = new ColourJitter(0, 0, 0, 0, 0);
  private static final MultiCropConfig.Blur NO_BLUR = new MultiCropConfig.Blur(9, 0.1, 2, 0, 0, 0);
  private static final Normalisation UNIT =
      new Normalisation(new float[] {0, 0, 0}, new float[] {1 / 255f, 1 / 255f, 1 / 255f});

  private final RgbImage image = noise(90, 70, 1);

  @Test
  void recordsTheDefaultsOfTheReference() {
    MultiCropConfig config = MultiCropConfig.dinov2(224, 8, 98);
    assertEquals(new MultiCropConfig.View(224, 0.32, 1.0), config.global());
    assertEquals(new MultiCropConfig.View(98, 0.05, 0.32), config.local());
    assertEquals(8, config.localCount());
    assertEquals(0.5, config.flipProbability());
    assertEquals(new ColourJitter(0.4, 0.4, 0.2, 0.1, 0.8), config.jitter());
    assertEquals(0.2, config.greyscaleProbability());
    assertEquals(new MultiCropConfig.Blur(9, 0.1, 2, 0, 0.9, 0.5), config.blur());
    assertEquals(0.2, config.solarizeProbability());
    assertEquals(128, config.solarizeThreshold());
    assertEquals(Normalisation.IMAGENET, config.normalisation());
  }

  @Test
  void isDeterminedByTheGenerator() {
    MultiCropAugmentation augmentation =
        new MultiCropAugmentation(MultiCropConfig.dinov2(48, 3, 24));
    List<float[]> first = augmentation.crops(image, new SplittableRandom(9));
    List<float[]> again = augmentation.crops(image, new SplittableRandom(9));
    List<float[]> other = augmentation.crops(image, new SplittableRandom(10));
    assertEquals(5, first.size());
    for (int i = 0; i < first.size(); i++) {
      assertArrayEquals(first.get(i), again.get(i));
      assertFalse(Arrays.equals(first.get(i), other.get(i)), "crop " + i);
    }
  }

  @Test
  void equalsTheOperationsOneByOneFromPicturesOfEveryShape() {
    MultiCropConfig config = MultiCropConfig.dinov2(48, 3, 23);
    MultiCropAugmentation augmentation = new MultiCropAugmentation(config);
    StraightforwardAugmentation expected = new StraightforwardAugmentation(config);
    int[][] sizes = {{90, 70}, {31, 200}, {48, 48}, {7, 5}, {1, 1}, {300, 2}, {1_100, 1_000}};
    for (int[] size : sizes) {
      RgbImage picture = smooth(size[0], size[1], size[0]);
      for (int seed = 0; seed < (size[0] > 1_000 ? 2 : 12); seed++) {
        List<float[]> straight = expected.crops(picture, new SplittableRandom(seed));
        List<float[]> actual = augmentation.crops(picture, new SplittableRandom(seed));
        assertEquals(straight.size(), actual.size());
        for (int i = 0; i < straight.size(); i++) {
          String crop = "crop " + i + " of " + picture + ", seed " + seed;
          assertArrayEquals(straight.get(i), actual.get(i), crop);
        }
      }
    }
  }

  @Test
  void tellsWhereItsTimeWent() {
    MultiCropAugmentation augmentation =
        new MultiCropAugmentation(MultiCropConfig.dinov2(48, 3, 24));
    augmentation.crops(image, new SplittableRandom(9));
    augmentation
        .times()
        .millis()
        .forEach((stage, millis) -> assertTrue(millis > 0, stage + " took " + millis + " ms"));
  }

  @Test
  void writesABatchInCropMajorOrder() {
    MultiCropConfig config = MultiCropConfig.dinov2(32, 2, 16);
    int batch = 3;
    int globalLength = config.global().length();
    int localLength = config.local().length();
    float[] globals = new float[2 * batch * globalLength];
    float[] locals = new float[2 * batch * localLength];
    MultiCropAugmentation augmentation = new MultiCropAugmentation(config);
    SplittableRandom random = new SplittableRandom(4);
    for (int b = 0; b < batch; b++) {
      augmentation.augment(
          image,
          random,
          globals,
          b * globalLength,
          batch * globalLength,
          locals,
          b * localLength,
          batch * localLength);
    }
    SplittableRandom replay = new SplittableRandom(4);
    for (int b = 0; b < batch; b++) {
      List<float[]> crops = augmentation.crops(image, replay);
      for (int i = 0; i < 2; i++) {
        int global = (i * batch + b) * globalLength;
        assertArrayEquals(crops.get(i), Arrays.copyOfRange(globals, global, global + globalLength));
        int local = (i * batch + b) * localLength;
        assertArrayEquals(crops.get(2 + i), Arrays.copyOfRange(locals, local, local + localLength));
      }
    }
  }

  @Test
  void equalsTheSingleOperationsInTheirOrder() {
    // Every step certain, so that only the drawn amounts are random.
    MultiCropConfig config =
        new MultiCropConfig(
            new MultiCropConfig.View(32, 1, 1),
            new MultiCropConfig.View(16, 0.3, 0.5),
            0,
            1,
            NO_JITTER,
            1,
            new MultiCropConfig.Blur(9, 1.5, 1.5, 0, 1, 0),
            1,
            100,
            UNIT);
    RgbImage square = noise(64, 64, 2);
    // A share of 1 fits a square picture only at ratio 1, so nearly every draw falls back to all.
    List<float[]> crops = new MultiCropAugmentation(config).crops(square, new SplittableRandom(1));
    byte[] expected = PilResize.resize(square, 32, 32, Resampling.BICUBIC).rgb().clone();
    StraightforwardPhotometric.greyscale(expected, expected.length);
    assertMirrored(expected, crops.get(0));
    new StraightforwardBlur(9).apply(expected, 32, 32, 1.5);
    StraightforwardPhotometric.solarize(expected, expected.length, 100);
    assertMirrored(expected, crops.get(1));
  }

  private static void assertMirrored(byte[] hwc, float[] chw) {
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < 32; y++) {
        for (int x = 0; x < 32; x++) {
          int sample = hwc[3 * (y * 32 + 31 - x) + c] & 0xff;
          assertEquals(sample, chw[(c * 32 + y) * 32 + x], 1e-3f);
        }
      }
    }
  }

  /** The released code never blurs the first crop, and solarizes the second alone. */
  @Test
  void appliesBlurAndSolarizeAsOftenAsTheReference() {
    MultiCropConfig reference = MultiCropConfig.dinov2(16, 1, 16);
    MultiCropConfig config =
        new MultiCropConfig(
            new MultiCropConfig.View(16, 0.9, 1),
            new MultiCropConfig.View(16, 0.9, 1),
            1,
            0,
            NO_JITTER,
            0,
            new MultiCropConfig.Blur(
                9,
                2,
                2,
                reference.blur().firstGlobalProbability(),
                reference.blur().secondGlobalProbability(),
                reference.blur().localProbability()),
            0,
            128,
            UNIT);
    MultiCropAugmentation augmentation = new MultiCropAugmentation(config);
    SplittableRandom random = new SplittableRandom(6);
    int[] blurred = new int[3];
    RgbImage checks = checks();
    int rounds = 2_000;
    for (int i = 0; i < rounds; i++) {
      List<float[]> crops = augmentation.crops(checks, random);
      for (int crop = 0; crop < 3; crop++) {
        blurred[crop] += contrast(crops.get(crop)) < 100 ? 1 : 0;
      }
    }
    assertEquals(0, blurred[0]);
    assertEquals(0.9, blurred[1] / (double) rounds, 0.03);
    assertEquals(0.5, blurred[2] / (double) rounds, 0.04);
  }

  @Test
  void jitterChangesAsOftenAsItsProbabilitySays() {
    ColourJitter jitter = new ColourJitter(0.4, 0.4, 0.2, 0.1, 0.8);
    SplittableRandom random = new SplittableRandom(8);
    int changed = 0;
    HueTurn hueTurn = new HueTurn();
    for (int i = 0; i < 2_000; i++) {
      Planes planes = PlanesFixture.of(image);
      jitter.apply(planes, new int[planes.length()], hueTurn, random);
      changed += PlanesFixture.image(planes).equals(image) ? 0 : 1;
    }
    assertEquals(0.8, changed / 2_000.0, 0.03);
  }

  @Test
  void refusesConfigurationsThatCannotWork() {
    assertThrows(IllegalArgumentException.class, () -> new MultiCropConfig.View(0, 0.1, 0.5));
    assertThrows(IllegalArgumentException.class, () -> new MultiCropConfig.View(16, 0.6, 0.5));
    assertThrows(IllegalArgumentException.class, () -> new ColourJitter(0.4, 0.4, 0.2, 0.6, 0.8));
    IllegalArgumentException tooSmall =
        assertThrows(IllegalArgumentException.class, () -> MultiCropConfig.dinov2(32, 4, 4));
    assertTrue(tooSmall.getMessage().contains("9 pixels"), tooSmall.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> new EvalTransform(224, 256, new float[3], new float[3]));
  }

  @Test
  void evaluatesExtremeShapesWithoutExtremeMemory() {
    float[] out = EvalTransform.imageNet(64, 56).apply(noise(16_000, 2, 3));
    assertEquals(3 * 56 * 56, out.length);
  }

  private static double contrast(float[] crop) {
    float max = 0;
    float min = 255;
    for (float sample : crop) {
      max = Math.max(max, sample);
      min = Math.min(min, sample);
    }
    return max - min;
  }

  /** Fine black and white checks, which blur turns grey. */
  private static RgbImage checks() {
    byte[] rgb = new byte[3 * 16 * 16];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) ((i / 3 % 16 + i / 48) % 2 == 0 ? 0 : 255);
    }
    return new RgbImage(16, 16, rgb);
  }

  /** Colour ramps with some noise, as photographs have. */
  private static RgbImage smooth(int width, int height, long seed) {
    byte[] rgb = new byte[RgbImage.sizeOf(width, height)];
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < rgb.length; i++) {
      int x = i / 3 % width;
      int y = i / 3 / width;
      int ramp = i % 3 == 0 ? x * 255 / width : i % 3 == 1 ? y * 255 / height : 128;
      rgb[i] = (byte) Math.max(0, Math.min(255, ramp + random.nextInt(-20, 21)));
    }
    return new RgbImage(width, height, rgb);
  }

  private static RgbImage noise(int width, int height, long seed) {
    byte[] rgb = new byte[RgbImage.sizeOf(width, height)];
    new SplittableRandom(seed).nextBytes(rgb);
    return new RgbImage(width, height, rgb);
  }

  @Test
  void noBlurConfigurationKeepsPixels() {
    MultiCropConfig config =
        new MultiCropConfig(
            new MultiCropConfig.View(64, 1, 1),
            new MultiCropConfig.View(16, 0.3, 0.5),
            0,
            0,
            NO_JITTER,
            0,
            NO_BLUR,
            0,
            128,
            UNIT);
    RgbImage square = noise(64, 64, 5);
    List<float[]> crops = new MultiCropAugmentation(config).crops(square, new SplittableRandom(1));
    for (int i = 0; i < 64 * 64; i++) {
      assertEquals(square.rgb()[3 * i] & 0xff, crops.get(0)[i], 1e-3f);
    }
  }
}
