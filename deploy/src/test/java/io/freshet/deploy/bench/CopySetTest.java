package io.freshet.deploy.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CopySetTest {
  @TempDir Path directory;

  @Test
  void readsADirectoryWithItsGroups() throws IOException {
    RgbImage image = image();
    Files.write(directory.resolve("a.jpg"), BenchImages.jpeg(image, 0.9f));
    Files.writeString(
        directory.resolve("groups.csv"), "file,group,transform\na.jpg,one,original\n\n");
    List<CopySet.Item> items = CopySet.read(directory).items();
    assertEquals(1, items.size());
    assertEquals("one", items.get(0).group());
    assertTrue(items.get(0).isOriginal());
    assertEquals(image.width(), items.get(0).image().get().width());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.jpg,one", "../a.jpg,one,original", "/etc/hostname,one,blur"})
  void refusesALineThatNamesNoPictureOfTheDirectory(String line) throws IOException {
    Files.writeString(directory.resolve("groups.csv"), "file,group,transform\n" + line + "\n");
    assertThrows(IllegalArgumentException.class, () -> CopySet.read(directory));
  }

  @ParameterizedTest
  @EnumSource
  void aTransformMakesAnotherPictureAndLeavesTheOriginal(CopyTransform transform) {
    RgbImage original = image();
    byte[] before = original.rgb().clone();
    RgbImage copy = transform.of(original);
    assertArrayEquals(before, original.rgb());
    assertFalse(CanonicalEncoding.imageId(original).equals(CanonicalEncoding.imageId(copy)));
  }

  /** Coarse blocks of colour, so that no transform can come out the same. */
  private static RgbImage image() {
    Random random = new Random(3);
    byte[] blocks = new byte[3 * 8 * 8];
    random.nextBytes(blocks);
    byte[] rgb = new byte[3 * 96 * 96];
    for (int pixel = 0; pixel < 96 * 96; pixel++) {
      int block = pixel / 96 / 12 * 8 + pixel % 96 / 12;
      System.arraycopy(blocks, 3 * block, rgb, 3 * pixel, 3);
    }
    return new RgbImage(96, 96, rgb);
  }
}
