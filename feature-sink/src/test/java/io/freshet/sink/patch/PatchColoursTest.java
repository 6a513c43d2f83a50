package io.freshet.sink.patch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PatchColoursTest {
  /** What 48 drawn tokens looked like when their picture was first drawn. */
  private static final String DRAWN =
      "ffd27a428b3ea9a09cc6c97220a9b951cf03666be29dd3503bafff51c8808cd48d5487b8"
          + "5c8aa24641975ea0d7a36ac551005da24e7ca3f3767bffff56dd988294fcf6aa83a4b76f"
          + "0f5d92de65a01c713e003d5684950060ed4a6fe9967470f07aa714ae99948aff5a74d92b"
          + "969e7ab76a35a8917f909691ff399b818a52c18076ba89c99ba7d4248dfed858d360edbc";

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
  void theSameTokensKeepTheirColours() {
    Random random = new Random(11);
    float[][] tokens = new float[48][8];
    float[] brightness = new float[48];
    for (int i = 0; i < tokens.length; i++) {
      for (int d = 0; d < 8; d++) {
        tokens[i][d] = (float) (random.nextGaussian() * Math.pow(0.7, d)) + d;
      }
      brightness[i] = tokens[i][0] - tokens[i][1];
    }
    assertEquals(DRAWN, HexFormat.of().formatHex(PatchColours.of(tokens, brightness)));
  }

  @Test
  void tokensThatAreAllTheSameHaveAColourToo() {
    byte[] rgb = PatchColours.of(new float[][] {{1, 2}, {1, 2}}, new float[] {0, 1});
    assertEquals(6, rgb.length);
  }
}
