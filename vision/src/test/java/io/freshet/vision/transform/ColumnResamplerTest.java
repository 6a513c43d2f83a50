package io.freshet.vision.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.vision.image.RgbImage;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Columns and planes against rows and interleaved bytes. */
class ColumnResamplerTest {
  private final SplittableRandom random = new SplittableRandom(1);
  private final List<Resampling> filters = List.of(Resampling.values());
  private final PixelColumns columns = new PixelColumns();
  private final ColumnResampler resampler = new ColumnResampler();

  @Test
  void equalsTheRowResamplerOnRandomCrops() {
    int[][] sizes = {{120, 90}, {37, 151}, {16, 16}, {200, 3}, {1, 1}, {1, 60}};
    for (int[] size : sizes) {
      RgbImage image = noise(size[0], size[1]);
      columns.load(image);
      for (int i = 0; i < 60; i++) {
        int width = random.nextInt(1, image.width() + 1);
        int height = random.nextInt(1, image.height() + 1);
        Crop crop =
            new Crop(
                random.nextInt(image.height() - height + 1),
                random.nextInt(image.width() - width + 1),
                height,
                width);
        Resampling filter = filters.get(i % filters.size());
        compare(image, crop, random.nextInt(1, 70), random.nextInt(1, 70), filter);
      }
    }
  }

  @Test
  void equalsTheRowResamplerWhereOneSideKeepsItsLength() {
    RgbImage image = noise(40, 30);
    columns.load(image);
    Crop crop = new Crop(3, 5, 20, 24);
    compare(image, crop, 24, 20, Resampling.BICUBIC);
    compare(image, crop, 24, 11, Resampling.BICUBIC);
    compare(image, crop, 50, 20, Resampling.BICUBIC);
  }

  @Test
  void keepsNothingOfALargerPictureBefore() {
    columns.load(noise(90, 90));
    RgbImage image = noise(20, 50);
    columns.load(image);
    compare(image, Crop.whole(20, 50), 16, 16, Resampling.BICUBIC);
  }

  @Test
  void refusesCropsThatLeaveThePicture() {
    columns.load(noise(20, 10));
    Planes out = new Planes(64);
    assertThrows(
        IllegalArgumentException.class,
        () -> resampler.resize(columns, new Crop(0, 0, 11, 4), 8, 8, Resampling.BICUBIC, out));
  }

  private void compare(RgbImage image, Crop crop, int width, int height, Resampling filter) {
    Planes out = new Planes(width * height);
    resampler.resize(columns, crop, width, height, filter, out);
    assertEquals(
        PilResize.resizedCrop(image, crop, width, height, filter),
        PlanesFixture.image(out),
        () -> "%s of %s to %d x %d, %s".formatted(crop, image, width, height, filter));
  }

  private RgbImage noise(int width, int height) {
    byte[] rgb = new byte[RgbImage.sizeOf(width, height)];
    random.nextBytes(rgb);
    return new RgbImage(width, height, rgb);
  }
}
