package io.freshet.vision.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Maps that are known are found again; what can't be mapped is measured as such. */
class AdapterFitTest {
  private static final String OLD = "freshet@1/cls/l2";
  private static final String NEW = "freshet@2/cls/l2";
  private static final int PAIRS = 600;

  @Test
  void findsARotation() {
    RealMatrix rotation = rotation(24, 3);
    AdapterFit fit = new AdapterFit(pairs(24, rotation, 0, 1));
    SpaceAdapter adapter = fit.orthogonal();
    for (int i = 0; i < adapter.left().length; i++) {
      assertEquals(rotation.getEntry(i / 24, i % 24), adapter.left()[i], 1e-4);
    }
    assertTrue(adapter.recallAt10() > 0.999, "recall " + adapter.recallAt10());
    assertTrue(fit.recallUnadapted() < 0.3, "unadapted " + fit.recallUnadapted());
  }

  @Test
  void aRotationStaysOneUnderNoise() {
    SpaceAdapter adapter = new AdapterFit(pairs(16, rotation(16, 4), 0.05, 2)).orthogonal();
    RealMatrix matrix = new Array2DRowRealMatrix(16, 16);
    for (int i = 0; i < 256; i++) {
      matrix.setEntry(i / 16, i % 16, adapter.left()[i]);
    }
    RealMatrix product = matrix.multiply(matrix.transpose());
    for (int i = 0; i < 256; i++) {
      assertEquals(i / 16 == i % 16 ? 1 : 0, product.getEntry(i / 16, i % 16), 1e-5);
    }
    assertTrue(adapter.recallAt10() > 0.6 && adapter.recallAt10() < 1, "" + adapter.recallAt10());
  }

  @Test
  void findsAnAffineMapBetweenDimensions() {
    Random random = new Random(6);
    RealMatrix map = gaussian(random, 12, 20);
    AdapterFit fit = new AdapterFit(pairs(12, map, 0, 5));
    SpaceAdapter adapter = fit.lowRankAffine(12);
    assertEquals(20, adapter.toDim());
    assertTrue(adapter.recallAt10() > 0.8, "recall " + adapter.recallAt10());
    assertTrue(
        fit.lowRankAffine(2).recallAt10() < adapter.recallAt10() - 0.2,
        "a rank of 2 can't hold 12 dimensions");
    assertThrows(IllegalArgumentException.class, fit::orthogonal);
  }

  @Test
  void saysThatUnrelatedSpacesCannotBeMixed() {
    Random random = new Random(8);
    List<float[]> from = new ArrayList<>();
    List<float[]> to = new ArrayList<>();
    for (int i = 0; i < PAIRS; i++) {
      from.add(unit(gaussian(random, 1, 16).getRow(0)));
      to.add(unit(gaussian(random, 1, 16).getRow(0)));
    }
    AdapterFit fit = new AdapterFit(new SpacePairs(OLD, NEW, from, to));
    assertTrue(fit.orthogonal().recallAt10() < 0.3, "" + fit.orthogonal().recallAt10());
    assertTrue(fit.lowRankAffine(16).recallAt10() < 0.3, "" + fit.lowRankAffine(16).recallAt10());
  }

  @Test
  void refusesTooFewPairs() {
    SpacePairs few = pairs(8, rotation(8, 1), 0, 1).part(0, 99);
    String message =
        assertThrows(IllegalArgumentException.class, () -> new AdapterFit(few)).getMessage();
    assertTrue(message.contains("99 images"), message);
  }

  @Test
  void survivesItsFile(@TempDir Path temp) throws IOException {
    SpaceAdapter adapter = new AdapterFit(pairs(8, rotation(8, 1), 0.1, 1)).lowRankAffine(3);
    Path file = temp.resolve("adapter.json");
    AdapterFile.write(adapter, file);
    SpaceAdapter read = AdapterFile.read(file);
    float[] probe = unit(new double[] {1, 2, 3, 4, 5, 6, 7, 8});
    assertArrayEquals(adapter.apply(probe), read.apply(probe));
    assertEquals(adapter.recallAt10(), read.recallAt10());
    Files.writeString(file, Files.readString(file).replace("low_rank_affine", "magic"));
    assertThrows(IllegalArgumentException.class, () -> AdapterFile.read(file));
  }

  /** Images as points of clusters, so that neighbours mean something. */
  private static SpacePairs pairs(int dim, RealMatrix map, double noise, long seed) {
    Random random = new Random(seed);
    RealMatrix centres = gaussian(random, 30, dim);
    List<float[]> from = new ArrayList<>();
    List<float[]> to = new ArrayList<>();
    for (int i = 0; i < PAIRS; i++) {
      double[] point = centres.getRow(random.nextInt(30));
      for (int d = 0; d < dim; d++) {
        point[d] += 0.3 * random.nextGaussian();
      }
      float[] x = unit(point);
      double[] exact = new double[dim];
      for (int d = 0; d < dim; d++) {
        exact[d] = x[d];
      }
      double[] y = map.preMultiply(exact);
      for (int d = 0; d < y.length; d++) {
        y[d] += noise * random.nextGaussian();
      }
      from.add(x);
      to.add(unit(y));
    }
    return new SpacePairs(OLD, NEW, from, to);
  }

  private static RealMatrix rotation(int dim, long seed) {
    return new QRDecomposition(gaussian(new Random(seed), dim, dim)).getQ();
  }

  private static RealMatrix gaussian(Random random, int rows, int columns) {
    RealMatrix matrix = new Array2DRowRealMatrix(rows, columns);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        matrix.setEntry(row, column, random.nextGaussian());
      }
    }
    return matrix;
  }

  private static float[] unit(double[] vector) {
    double squares = 0;
    for (double value : vector) {
      squares += value * value;
    }
    float[] unit = new float[vector.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (vector[i] / Math.sqrt(squares));
    }
    return unit;
  }
}
