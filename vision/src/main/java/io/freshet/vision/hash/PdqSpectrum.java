package io.freshet.vision.hash;

import io.freshet.vision.image.RgbImage;
import java.util.Arrays;

/**
 * What PDQ knows of a picture before it is cut to bits: the 16 x 16 lowest frequencies of its 64 x
 * 64 luma, without the constant ones. All turns of the picture follow from them by transposing and
 * changing signs.
 *
 * <p>Hashes must be identical to those of other programs, so every sum here is taken in 32-bit
 * floats and in the published order.
 */
final class PdqSpectrum {
  private static final int SIDE = 64;
  private static final int FREQUENCIES = 16;
  private static final int CELLS = FREQUENCIES * FREQUENCIES;
  private static final int QUALITY_DIVISOR = 90;
  private static final float[][] COSINES = cosines();

  /** The eight symmetries of a square: transposed or not, and the sign of odd rows and columns. */
  enum Turn {
    NONE(false, false, false),
    ROTATE_90(true, false, true),
    ROTATE_180(false, true, true),
    ROTATE_270(true, true, false),
    FLIP_X(false, true, false),
    FLIP_Y(false, false, true),
    FLIP_PLUS_1(true, false, false),
    FLIP_MINUS_1(true, true, true);

    private final boolean transposed;
    private final boolean negatesRows;
    private final boolean negatesColumns;

    Turn(boolean transposed, boolean negatesRows, boolean negatesColumns) {
      this.transposed = transposed;
      this.negatesRows = negatesRows;
      this.negatesColumns = negatesColumns;
    }
  }

  private final float[] spectrum;
  private final int quality;

  private PdqSpectrum(float[] spectrum, int quality) {
    this.spectrum = spectrum;
    this.quality = quality;
  }

  static PdqSpectrum of(RgbImage image) {
    float[] small = JaroszFilter.toSquare(image);
    return new PdqSpectrum(transform(small), quality(small));
  }

  int quality() {
    return quality;
  }

  /** One bit a frequency: is it above their median? */
  byte[] hash(Turn turn) {
    float[] turned = new float[CELLS];
    for (int row = 0; row < FREQUENCIES; row++) {
      for (int column = 0; column < FREQUENCIES; column++) {
        // Frequencies count from 1: those at even indices are odd, and mirroring negates them.
        boolean negated =
            (turn.negatesRows && (row & 1) == 0) ^ (turn.negatesColumns && (column & 1) == 0);
        float value = spectrum[row * FREQUENCIES + column];
        int at = turn.transposed ? column * FREQUENCIES + row : row * FREQUENCIES + column;
        turned[at] = negated ? -value : value;
      }
    }
    float[] sorted = turned.clone();
    Arrays.sort(sorted);
    float median = sorted[CELLS / 2 - 1];
    byte[] bits = new byte[PdqHash.BYTES];
    for (int k = 0; k < CELLS; k++) {
      if (turned[k] > median) {
        bits[PdqHash.BYTES - 1 - (k >> 3)] |= (byte) (1 << (k & 7));
      }
    }
    return bits;
  }

  /** Sums the steps between neighbours, each cut to whole hundredths of the range. */
  private static int quality(float[] small) {
    int sum = 0;
    for (int row = 0; row < SIDE - 1; row++) {
      for (int column = 0; column < SIDE; column++) {
        sum += step(small[row * SIDE + column], small[(row + 1) * SIDE + column]);
      }
    }
    for (int row = 0; row < SIDE; row++) {
      for (int column = 0; column < SIDE - 1; column++) {
        sum += step(small[row * SIDE + column], small[row * SIDE + column + 1]);
      }
    }
    return Math.min(100, sum / QUALITY_DIVISOR);
  }

  private static int step(float a, float b) {
    return Math.abs((int) (((a - b) * 100) / 255));
  }

  /** The cosine transform, of the 16 x 16 wanted outputs only. */
  private static float[] transform(float[] small) {
    float[] half = new float[FREQUENCIES * SIDE];
    for (int i = 0; i < FREQUENCIES; i++) {
      for (int k = 0; k < SIDE; k++) {
        float cosine = COSINES[i][k];
        for (int j = 0; j < SIDE; j++) {
          half[i * SIDE + j] += cosine * small[k * SIDE + j];
        }
      }
    }
    float[] spectrum = new float[CELLS];
    for (int i = 0; i < FREQUENCIES; i++) {
      for (int j = 0; j < FREQUENCIES; j++) {
        float sum = 0;
        for (int k = 0; k < SIDE; k++) {
          sum += half[i * SIDE + k] * COSINES[j][k];
        }
        spectrum[i * FREQUENCIES + j] = sum;
      }
    }
    return spectrum;
  }

  private static float[][] cosines() {
    float scale = (float) Math.sqrt(2.0 / SIDE);
    float[][] cosines = new float[FREQUENCIES][SIDE];
    for (int i = 0; i < FREQUENCIES; i++) {
      for (int j = 0; j < SIDE; j++) {
        cosines[i][j] = (float) (scale * Math.cos((Math.PI / 2 / SIDE) * (i + 1) * (2 * j + 1)));
      }
    }
    return cosines;
  }
}
