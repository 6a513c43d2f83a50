package io.freshet.trainer.evaluate.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.vision.image.RgbImage;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CorruptionTest {
  /** A bright and a dark half. */
  private static RgbImage halves() {
    byte[] rgb = new byte[3 * 32 * 32];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i < rgb.length / 2 ? 200 - i % 3 * 40 : 40 + i % 3 * 20);
    }
    return new RgbImage(32, 32, rgb);
  }

  private static int level(RgbImage image, int index) {
    return image.rgb()[index] & 0xff;
  }

  @ParameterizedTest
  @EnumSource(Corruption.class)
  void keepsTheSizeAndChangesThePictureTheSameWayEachTime(Corruption corruption) {
    RgbImage before = halves();
    RgbImage after = corruption.apply(before);
    assertEquals(before.width(), after.width());
    assertEquals(before.height(), after.height());
    assertNotEquals(before, after);
    assertEquals(after, corruption.apply(halves()));
    assertEquals(halves(), before);
    double difference = 0;
    for (int i = 0; i < before.rgb().length; i++) {
      difference += Math.abs(level(before, i) - level(after, i));
    }
    assertTrue(difference / before.rgb().length < 100, "the picture can still be told");
  }

  @Test
  void eachDoesWhatItsNameSays() {
    RgbImage halves = halves();
    assertEquals(128 + (200 - 128) / 3, level(Corruption.CONTRAST.apply(halves), 0));
    assertEquals(255, level(Corruption.BRIGHTNESS.apply(halves), 0));
    RgbImage grey = Corruption.GREY.apply(halves);
    assertEquals(level(grey, 0), level(grey, 2));
    assertEquals(
        2, Arrays.stream(new int[] {level(grey, 0), level(grey, 3 * 32 * 31)}).distinct().count());
  }
}
