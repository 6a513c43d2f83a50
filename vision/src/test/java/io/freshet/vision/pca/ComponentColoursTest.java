package io.freshet.vision.pca;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ComponentColoursTest {
  /** What 48 drawn vectors looked like when their picture was first drawn. */
  private static final String DRAWN =
      "45d28ed78bc687a06d71c995f1a952cbcfffbb6b2b90d3b5dcaf10cbc8889ed47cc98753"
          + "c38a68d44172c1a0368c6a47cc00a98d4e8b8cf391abff00c7dd71a594134baa858cb798"
          + "ff5d775e656af571c6ff3db0a495ffc0edbbb4e973b1701eaca7ef8399759fffacb1d9d9"
          + "969e8d7d6acf8891899b967800396fa68ab47580917a894393a738ee8d1163583ac0ed4f";

  @Test
  void theSameVectorsKeepTheirColours() {
    Random random = new Random(11);
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < 48; i++) {
      float[] vector = new float[8];
      for (int d = 0; d < 8; d++) {
        vector[d] = (float) (random.nextGaussian() * Math.pow(0.7, d)) + d;
      }
      vectors.add(vector);
    }
    PrincipalComponents components = PrincipalComponents.of(vectors, ComponentColours.CHANNELS);
    double[][] coordinates = vectors.stream().map(components::coordinates).toArray(double[][]::new);
    assertEquals(DRAWN, HexFormat.of().formatHex(ComponentColours.of(coordinates)));
  }

  @Test
  void eachChannelSpansItsRangeWhateverItsSpread() {
    double[][] coordinates = new double[101][];
    for (int i = 0; i <= 100; i++) {
      coordinates[i] = new double[] {i, -1e-3 * i, 7};
    }
    byte[] rgb = ComponentColours.of(coordinates);
    // two of a hundred saturate at either end
    assertEquals(0, rgb[3 * 2] & 0xff);
    assertEquals(3, rgb[3 * 3] & 0xff);
    assertEquals(255, rgb[3 * 98] & 0xff);
    assertEquals(255, rgb[1] & 0xff);
    assertEquals(0, rgb[3 * 100 + 1] & 0xff);
    assertEquals(0, rgb[2] & 0xff);
  }
}
