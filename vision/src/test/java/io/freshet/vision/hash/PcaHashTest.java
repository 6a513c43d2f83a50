package io.freshet.vision.hash;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.Resampling;
import io.freshet.vision.transform.StraightforwardPhotometric;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PcaHashTest {
  /** JPEG decoders differ by a grey level, so the model may differ in its last digits. */
  @Test
  void theBundledModelIsWhatTrainingOnTheShippedSeedsGives() throws Exception {
    List<RgbImage> drawings = RealImages.drawings();
    List<RgbImage> seeds = new ArrayList<>(RealImages.squares());
    seeds.addAll(drawings);
    PcaHash trained = PcaHash.train(seeds);
    Files.write(Path.of("target", "pca-hash-1.bin"), trained.toBytes());
    PcaHash bundled = PcaHash.bundled();
    double bits = 0;
    for (RgbImage drawing : drawings) {
      bits += PcaHash.hammingDistance(trained.hash(drawing), bundled.hash(drawing));
    }
    double mean = bits / drawings.size();
    System.out.printf(
        "PCA hash: %d seeds, trained model %s the bundled one, hashes differ by %.3f bits%n",
        seeds.size(), trained.equals(bundled) ? "is" : "isn't", mean);
    assertTrue(mean < 1, mean + " bits");
  }

  @Test
  void setsCopiesApartFromOtherPictures() throws Exception {
    PcaHash hash = PcaHash.bundled();
    List<RgbImage> drawings = RealImages.drawings();
    List<byte[]> hashes = drawings.stream().map(hash::hash).toList();
    int[] copies = new int[drawings.size()];
    for (int i = 0; i < copies.length; i++) {
      copies[i] = PcaHash.hammingDistance(hashes.get(i), hash.hash(copy(drawings.get(i))));
    }
    Arrays.sort(copies);
    int near = 0;
    int pairs = 0;
    for (int i = 0; i < hashes.size(); i++) {
      for (int j = i + 7; j < hashes.size(); j += 7) {
        pairs++;
        near += PcaHash.hammingDistance(hashes.get(i), hashes.get(j)) <= 6 ? 1 : 0;
      }
    }
    System.out.printf(
        "PCA hash: copies differ by %d (median), %d (95 %%), %d (99 %%) of 64 bits; "
            + "%d of %d other pairs by 6 or less%n",
        copies[copies.length / 2],
        copies[copies.length * 95 / 100],
        copies[copies.length * 99 / 100],
        near,
        pairs);
    assertTrue(copies[copies.length * 95 / 100] <= 6, "copies are too far apart");
    assertTrue(near < pairs / 1000, near + " of " + pairs + " other pairs are near");
  }

  /** Smaller by a quarter, darker, flatter. */
  private static RgbImage copy(RgbImage image) {
    int width = Math.max(1, image.width() * 3 / 4);
    int height = Math.max(1, image.height() * 3 / 4);
    RgbImage small = PilResize.resize(image, width, height, Resampling.BICUBIC);
    StraightforwardPhotometric.brightness(small.rgb(), small.rgb().length, 0.9f);
    StraightforwardPhotometric.contrast(small.rgb(), small.rgb().length, 0.85f);
    return small;
  }

  @Test
  void keepsItsBitsThroughItsFile() {
    PcaHash model = PcaHash.train(noise(40), 16);
    PcaHash read = PcaHash.fromBytes(model.toBytes());
    assertEquals(model, read);
    assertEquals(model.id(), read.id());
    RgbImage image = noise(1).get(0);
    assertArrayEquals(model.hash(image), read.hash(image));
    assertEquals(2, model.hash(image).length);
    assertNotEquals(model.id(), PcaHash.bundled().id());
  }

  @Test
  void refusesDamagedModels() {
    byte[] model = PcaHash.train(noise(40), 16).toBytes();
    assertThrows(
        IllegalArgumentException.class,
        () -> PcaHash.fromBytes(Arrays.copyOf(model, model.length - 1)));
    for (int at : new int[] {0, 4, 8, 12}) {
      byte[] altered = model.clone();
      altered[at] ^= 0x11;
      assertThrows(IllegalArgumentException.class, () -> PcaHash.fromBytes(altered));
    }
    byte[] infinite = model.clone();
    Arrays.fill(infinite, 20, 24, (byte) 0xff);
    assertThrows(IllegalArgumentException.class, () -> PcaHash.fromBytes(infinite));
    assertThrows(IllegalArgumentException.class, () -> PcaHash.train(noise(16), 16));
    assertThrows(IllegalArgumentException.class, () -> PcaHash.train(noise(40), 12));
  }

  @Test
  void diagonalisesSymmetricMatrices() {
    int n = 40;
    SplittableRandom random = new SplittableRandom(3);
    double[][] matrix = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        matrix[i][j] = random.nextDouble(-1, 1);
        matrix[j][i] = matrix[i][j];
      }
    }
    double[][] copy = Arrays.stream(matrix).map(double[]::clone).toArray(double[][]::new);
    SymmetricEigen eigen = SymmetricEigen.of(copy);
    for (int v = 0; v < n; v++) {
      assertTrue(v == 0 || eigen.values[v - 1] >= eigen.values[v]);
      for (int i = 0; i < n; i++) {
        double product = 0;
        for (int j = 0; j < n; j++) {
          product += matrix[i][j] * eigen.vectors[v][j];
        }
        assertEquals(eigen.values[v] * eigen.vectors[v][i], product, 1e-9);
      }
    }
  }

  private static List<RgbImage> noise(int count) {
    SplittableRandom random = new SplittableRandom(11);
    List<RgbImage> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] rgb = new byte[3 * 20 * 20];
      random.nextBytes(rgb);
      images.add(new RgbImage(20, 20, rgb));
    }
    return images;
  }
}
