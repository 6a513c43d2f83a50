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
    Files.write(directory.resolve("a, b.jpg"), BenchImages.jpeg(image, 0.9f));
    List<CopySet.Item> items =
        read(
            "group,file,transform,note",
            "one,c.jpg,blur,a copy before its original",
            "one,\"a, b.jpg\",original,",
            "");
    assertEquals(2, items.size());
    assertEquals("one", items.get(1).group());
    assertTrue(items.get(1).isOriginal());
    assertFalse(items.get(0).isOriginal());
    assertEquals(image.width(), items.get(1).image().get().width());
  }

  @Test
  void theFirstOfAGroupIsItsOriginalWhereNoneIsCalledSo() throws IOException {
    List<CopySet.Item> items =
        read(
            "file,group,transform",
            "a.jpg,one,base",
            "b.jpg,two,blur",
            "c.jpg,one,blur",
            "d.jpg,two,original");
    assertEquals(
        List.of("original", "blur", "blur", "original"),
        items.stream().map(CopySet.Item::transform).toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.jpg,one", "../a.jpg,one,original", "/etc/hostname,one,blur"})
  void refusesALineThatNamesNoPictureOfTheDirectory(String line) {
    assertThrows(
        IllegalArgumentException.class,
        () -> read("file,group,transform", "b.jpg,one,original", "c.jpg,one,blur", line));
  }

  @Test
  void refusesASetWithoutCopies() {
    String refusal =
        assertThrows(
                IllegalArgumentException.class,
                () -> read("file,group,transform", "a.jpg,one,original", "b.jpg,two,original"))
            .getMessage();
    assertTrue(refusal.contains("none is a copy"), refusal);
  }

  private List<CopySet.Item> read(String... lines) throws IOException {
    Files.write(directory.resolve("groups.csv"), List.of(lines));
    return CopySet.read(directory).items();
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
