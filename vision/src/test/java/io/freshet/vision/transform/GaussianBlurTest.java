package io.freshet.vision.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.vision.image.RgbImage;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GaussianBlurTest {
  private final SplittableRandom random = new SplittableRandom(2);

  @Test
  void equalsTheSumWeightByWeightBitForBit() {
    int[][] sizes = {{12, 12}, {13, 40}, {40, 13}, {98, 98}, {224, 31}, {12, 12}};
    for (int kernel : new int[] {1, 3, 5, 7, 9, 11, 13, 23}) {
      GaussianBlur blur = new GaussianBlur(kernel);
      StraightforwardBlur expected = new StraightforwardBlur(kernel);
      for (int[] size : sizes) {
        for (double sigma : new double[] {0.1, 0.37, 1, 1.9, 2, 40}) {
          compare(blur, expected, noise(size[0], size[1]), sigma);
        }
      }
    }
  }

  @Test
  void reflectsInPicturesBarelyLongerThanHalfOfTheKernel() {
    compare(new GaussianBlur(9), new StraightforwardBlur(9), noise(5, 5), 1.3);
    compare(new GaussianBlur(1), new StraightforwardBlur(1), noise(1, 1), 1.3);
  }

  @Test
  void blursAGreyPictureAsItsThreeEqualChannels() {
    RgbImage image = noise(31, 17);
    Planes planes = PlanesFixture.of(image);
    Photometric.greyscale(planes);
    byte[] expected = PlanesFixture.image(planes).rgb();
    new GaussianBlur(9).apply(planes, 1.1);
    new StraightforwardBlur(9).apply(expected, 31, 17, 1.1);
    assertTrue(planes.grey());
    assertEquals(new RgbImage(31, 17, expected), PlanesFixture.image(planes));
  }

  @Test
  void refusesPicturesThatCannotBeReflectedAndEvenKernels() {
    Planes planes = PlanesFixture.of(noise(4, 9));
    assertThrows(IllegalArgumentException.class, () -> new GaussianBlur(9).apply(planes, 1));
    assertThrows(IllegalArgumentException.class, () -> new GaussianBlur(4));
  }

  private static void compare(
      GaussianBlur blur, StraightforwardBlur straight, RgbImage image, double sigma) {
    Planes planes = PlanesFixture.of(image);
    blur.apply(planes, sigma);
    byte[] expected = image.rgb().clone();
    straight.apply(expected, image.width(), image.height(), sigma);
    assertEquals(
        new RgbImage(image.width(), image.height(), expected),
        PlanesFixture.image(planes),
        image + ", sigma " + sigma);
  }

  private RgbImage noise(int width, int height) {
    byte[] rgb = new byte[RgbImage.sizeOf(width, height)];
    random.nextBytes(rgb);
    return new RgbImage(width, height, rgb);
  }
}
