package io.freshet.sink.patch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PatchColoursTest {
  @Test
  void theDirectionOfGreatestVarianceBecomesRed() {
    float[][] tokens = new float[100][];
    float[] brightness = new float[100];
    Random random = new Random(1);
    for (int i = 0; i < tokens.length; i++) {
      float small = (float) random.nextGaussian();
      tokens[i] = new float[] {small, -10f * i, 0.5f * small, 3};
      brightness[i] = i;
    }
    byte[] rgb = PatchColours.of(tokens, brightness);
    assertEquals(0, rgb[0] & 0xff);
    assertEquals(255, rgb[3 * 99] & 0xff);
    for (int i = 1; i < 100; i++) {
      assertTrue((rgb[3 * i] & 0xff) >= (rgb[3 * i - 3] & 0xff), "patch " + i);
    }
  }

  @Test
  void aSignThatTurnsChangesNoColour() {
    Random random = new Random(2);
    float[][] tokens = new float[60][6];
    float[][] turned = new float[60][6];
    float[] brightness = new float[60];
    for (int i = 0; i < tokens.length; i++) {
      for (int d = 0; d < 6; d++) {
        tokens[i][d] = (float) random.nextGaussian() * (d + 1);
        turned[i][d] = -tokens[i][d];
      }
      brightness[i] = random.nextFloat();
    }
    assertArrayEquals(PatchColours.of(tokens, brightness), PatchColours.of(turned, brightness));
  }

  @Test
  void tokensThatAreAllTheSameHaveAColourToo() {
    byte[] rgb = PatchColours.of(new float[][] {{1, 2}, {1, 2}}, new float[] {0, 1});
    assertEquals(6, rgb.length);
  }
}
