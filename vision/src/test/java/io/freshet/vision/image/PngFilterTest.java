package io.freshet.vision.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PngFilterTest {
  private final SplittableRandom random = new SplittableRandom(11);

  @Test
  void undoesEveryFilterOfRgbRowsAsThatOfAnyRow() throws Exception {
    for (int width : new int[] {1, 2, 21, 64}) {
      int rowBytes = 3 * width;
      for (int filter = PngFilter.NONE; filter <= PngFilter.PAETH; filter++) {
        byte[] rgb = new byte[3 * rowBytes];
        byte[] above = new byte[rowBytes];
        for (int y = 0; y < 3; y++) {
          byte[] filtered = new byte[rowBytes + 7];
          random.nextBytes(filtered);
          byte[] expected = Arrays.copyOfRange(filtered, 5, 5 + rowBytes);
          PngFilter.undo(filter, expected, above, rowBytes, 3);
          PngFilter.undoRgb(filter, filtered, 5, rgb, y * rowBytes, rowBytes);
          byte[] actual = Arrays.copyOfRange(rgb, y * rowBytes, (y + 1) * rowBytes);
          assertArrayEquals(expected, actual, "filter " + filter + ", row " + y);
          above = expected;
        }
      }
    }
  }

  @Test
  void refusesFiltersThatDoNotExist() {
    for (int filter : new int[] {-1, 5}) {
      assertThrows(
          ImageRejectedException.class,
          () -> PngFilter.undoRgb(filter, new byte[3], 0, new byte[3], 0, 3));
    }
  }
}
