package io.freshet.trainer.evaluate.dense;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.dense.DenseDirectory.DenseFile;
import io.freshet.trainer.evaluate.dense.DenseDirectory.Kind;
import io.freshet.trainer.evaluate.directory.Split;
import io.freshet.trainer.evaluate.model.PatchTokens;
import io.freshet.trainer.testing.Probes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DenseProbesTest {
  private static final int SIDE = 8;
  private static final HeadTraining TRAINING = new HeadTraining(60, 8, 0.05, 0);

  @TempDir Path dir;

  private static DenseSample sample(long seed, int far) {
    return sample(seed, far, false);
  }

  /**
   * 2 x 2 patches whose first number tells their class, after one of two blocks; each is 4 x 4
   * pixels of the map.
   */
  private static DenseSample sample(long seed, int far, boolean tellingFirst) {
    RandomGenerator random = new SplittableRandom(seed);
    float[] tokens = new float[4 * 3];
    int[] map = new int[SIDE * SIDE];
    for (int patch = 0; patch < 4; patch++) {
      int kind = (int) (seed >> patch) & 1;
      tokens[3 * patch] = kind == 1 ? 1 : -1;
      tokens[3 * patch + 1] = (float) random.nextGaussian();
      tokens[3 * patch + 2] = (float) random.nextGaussian();
      for (int pixel = 0; pixel < 16; pixel++) {
        int y = patch / 2 * 4 + pixel / 4;
        int x = patch % 2 * 4 + pixel % 4;
        map[y * SIDE + x] = kind * far;
      }
    }
    PatchTokens blind = new PatchTokens(2, 2, 3, new float[12], new float[3]);
    PatchTokens telling = new PatchTokens(2, 2, 3, tokens, new float[3]);
    return new DenseSample(
        Path.of("drawn"), tellingFirst ? List.of(telling, blind) : List.of(blind, telling), map);
  }

  private static List<DenseSample> samples(int far) {
    return samples(far, false);
  }

  private static List<DenseSample> samples(int far, boolean tellingFirst) {
    List<DenseSample> samples = new ArrayList<>();
    for (int seed = 0; seed < 16; seed++) {
      samples.add(sample(seed, far, tellingFirst));
    }
    return samples;
  }

  @Test
  void theSegmentationHeadLearnsWhatTokensTell() {
    try (SegmentationProbe head = new SegmentationProbe(Probes.SCRIPTS, 2, 3, 1, 0)) {
      head.train(TRAINING, samples(1), 0, EvaluationProgress.SILENT);
      float[] shares = head.shares(sample(6, 1).blocks(), SIDE);
      int[] map = sample(6, 1).map();
      for (int pixel = 0; pixel < map.length; pixel++) {
        assertEquals(1, shares[pixel] + shares[map.length + pixel], 1e-5);
      }
      assertTrue(right(shares, map) > 0.8);
    }
  }

  @Test
  void pixelsThatDoNotCountTeachNothing() {
    DenseSample sample = sample(6, 1);
    int[] ignored = new int[SIDE * SIDE];
    Arrays.fill(ignored, SegmentationProbe.IGNORED);
    ignored[0] = 1;
    DenseSample mostlyIgnored = new DenseSample(sample.image(), sample.blocks(), ignored);
    try (SegmentationProbe head = new SegmentationProbe(Probes.SCRIPTS, 2, 3, 1, 0)) {
      head.train(TRAINING, List.of(mostlyIgnored), 0, EvaluationProgress.SILENT);
      assertTrue(head.shares(sample.blocks(), SIDE)[SIDE * SIDE] > 0.9);
    }
  }

  @Test
  void aHeadOnTwoBlocksLearnsWhatOnlyTheEarlierOneTells() {
    List<DenseSample> samples = samples(1, true);
    DenseSample asked = samples.get(6);
    try (SegmentationProbe last = new SegmentationProbe(Probes.SCRIPTS, 2, 3, 1, 0);
        SegmentationProbe both = new SegmentationProbe(Probes.SCRIPTS, 2, 3, 2, 0)) {
      last.train(TRAINING, samples, 0, EvaluationProgress.SILENT);
      both.train(TRAINING, samples, 0, EvaluationProgress.SILENT);
      assertTrue(right(last.shares(asked.blocks(), SIDE), asked.map()) < 0.7);
      assertTrue(right(both.shares(asked.blocks(), SIDE), asked.map()) > 0.8);
    }
  }

  private static double right(float[] shares, int[] map) {
    int right = 0;
    for (int pixel = 0; pixel < map.length; pixel++) {
      right += (shares[map.length + pixel] > 0.5 ? 1 : 0) == map[pixel] ? 1 : 0;
    }
    return (double) right / map.length;
  }

  private static double depthError(
      DepthProbe head, List<DenseSample> samples, DenseSample asked, HeadTraining training) {
    head.train(training, samples, 0, EvaluationProgress.SILENT);
    return DepthErrors.of(
            head.predicted(asked.blocks(), SIDE), head.metres(asked), new DepthRange(0.001, 10))
        .orElseThrow()
        .rmse();
  }

  @Test
  void theDepthHeadLearnsWhatTokensTell() {
    DepthRange range = new DepthRange(0.001, 10);
    for (boolean tellingFirst : new boolean[] {false, true}) {
      List<DenseSample> near = samples(3000, tellingFirst);
      near.forEach(sample -> Arrays.setAll(sample.map(), i -> sample.map()[i] + 2000));
      try (DepthProbe last = new DepthProbe(Probes.SCRIPTS, 3, 1, range, 1000, 0);
          DepthProbe both = new DepthProbe(Probes.SCRIPTS, 3, 2, range, 1000, 0)) {
        double blind = depthError(last, near, near.get(6), TRAINING);
        double seeing = depthError(both, near, near.get(6), TRAINING);
        if (tellingFirst) {
          assertTrue(seeing < 0.8 * blind, blind + " " + seeing);
        } else {
          assertEquals(seeing, blind, 0.25);
          assertTrue(blind < 1.2, "deviation of the depths is 1.5, the head's error " + blind);
        }
      }
    }
  }

  @Test
  void theRateRisesShortlyAndFallsToZero() {
    HeadTraining training = HeadTraining.ofSteps(400);
    assertTrue(training.rateAt(0) < 1e-4);
    assertEquals(1e-3, training.rateAt(14), 1e-5);
    assertTrue(training.rateAt(399) < 1e-5);
  }

  @Test
  void depthErrorsByHand() {
    DepthErrors errors =
        DepthErrors.of(
                new double[] {2, 1, 99, 5}, new double[] {1, 1, 4, 0}, new DepthRange(0.001, 10))
            .orElseThrow();
    // 2 for 1, 1 for 1, 99 clamped to 10 for 4; the last was not measured
    assertEquals(1 / 3.0, errors.delta1(), 1e-12);
    assertEquals((1 + 0 + 6 / 4.0) / 3, errors.absRel(), 1e-12);
    assertEquals(Math.sqrt((1 + 0 + 36) / 3.0), errors.rmse(), 1e-12);
    assertTrue(DepthErrors.of(new double[1], new double[1], DepthRange.INDOORS).isEmpty());
  }

  @Test
  void theMapIsCutWhereTheImageIs() {
    // 8 x 4 pixels, the shorter side stays 4, the middle 4 x 4 are columns 2 to 5
    int[] samples = new int[32];
    Arrays.setAll(samples, i -> i % 8);
    assertArrayEquals(
        new int[] {2, 3, 4, 5},
        Arrays.copyOf(new PixelMap(8, 4, samples).under(new CentreCrop(4, 4)), 4));
    assertArrayEquals(
        new int[] {3, 5},
        Arrays.copyOf(new PixelMap(8, 4, samples).under(new CentreCrop(2, 2)), 2));
  }

  @Test
  void storedSamplesComeBackAsTheyWere() throws IOException {
    List<DenseSample> written = samples(70_000);
    try (StoredSamples stored = new StoredSamples()) {
      stored.addAll(written);
      for (int i = written.size() - 1; i >= 0; i--) {
        DenseSample expected = written.get(i);
        DenseSample read = stored.get(i);
        assertEquals(expected.image(), read.image());
        assertArrayEquals(expected.map(), read.map());
        assertArrayEquals(expected.map(), stored.map(i));
        for (int block = 0; block < 2; block++) {
          assertArrayEquals(
              expected.blocks().get(block).tokens(), read.blocks().get(block).tokens());
          assertArrayEquals(expected.blocks().get(block).cls(), read.blocks().get(block).cls());
        }
      }
    }
    try (StoredSamples small = new StoredSamples(1_000)) {
      small.add(written.get(0));
      IllegalArgumentException full =
          assertThrows(IllegalArgumentException.class, () -> small.addAll(written));
      assertTrue(full.getMessage().contains("--crop"), full.getMessage());
    }
  }

  @Test
  void imagesAndMapsBelongTogetherByName() throws IOException {
    for (String name : List.of("images/train/a.jpg", "images/val/b.png", "images/val/c.png")) {
      Files.createDirectories(dir.resolve(name).getParent());
      Files.writeString(dir.resolve(name), "x");
    }
    Files.createDirectories(dir.resolve("depth/train"));
    Files.createDirectories(dir.resolve("depth/val"));
    Files.writeString(dir.resolve("depth/train/a.png"), "x");
    assertThrows(IllegalArgumentException.class, () -> DenseDirectory.read(dir, Kind.DEPTH));
    Files.writeString(dir.resolve("depth/val/b.png"), "x");
    List<DenseFile> files = DenseDirectory.read(dir, Kind.DEPTH).files();
    assertEquals(
        List.of(Optional.of(Split.BANK), Optional.of(Split.QUERY)),
        files.stream().map(DenseFile::split).toList());
    assertEquals(dir.resolve("depth/train/a.png"), files.get(0).map());
  }

  @Test
  void sixteenBitDepthIsReadInFullAndColoursAreRefused() throws IOException {
    BufferedImage depth = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
    depth.getRaster().setSample(1, 0, 0, 54_321);
    ImageIO.write(depth, "png", dir.resolve("d.png").toFile());
    assertArrayEquals(new int[] {0, 54_321}, PixelMap.read(dir.resolve("d.png")).samples());
    ImageIO.write(
        new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB), "png", dir.resolve("c.png").toFile());
    assertThrows(IllegalArgumentException.class, () -> PixelMap.read(dir.resolve("c.png")));
  }
}
