package io.freshet.trainer.evaluate.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.LabelledFeatures;
import io.freshet.trainer.testing.Probes;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SweepTest {
  private static final int CLASSES = 3;

  /** Two numbers that tell the class, then two of noise that is ten times as loud. */
  private static LabelledFeatures clouds(int rows, long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    float[][] features = new float[rows][];
    int[] labels = new int[rows];
    for (int row = 0; row < rows; row++) {
      labels[row] = row % CLASSES;
      double angle = 2 * Math.PI * labels[row] / CLASSES;
      features[row] =
          new float[] {
            (float) (Math.cos(angle) + 0.1 * random.nextGaussian()),
            (float) (Math.sin(angle) + 0.1 * random.nextGaussian()),
            (float) (10 * random.nextGaussian()),
            (float) (10 * random.nextGaussian())
          };
    }
    return new LabelledFeatures(features, labels);
  }

  @Test
  void logisticRegressionChoosesACThatSeparates() {
    LabelledFeatures queries = clouds(90, 2);
    LogisticSweep.Outcome outcome =
        new LogisticSweep(Probes.SCRIPTS, List.of(1e-6, 1.0), 0, EvaluationProgress.SILENT)
            .run(clouds(120, 1), CLASSES);
    assertEquals(1.0, outcome.c());
    assertEquals(1, outcome.heldOutAccuracy());
    assertEquals(0, outcome.unconverged());
    assertArrayEquals(queries.labels(), outcome.classifier().predictions(queries.features()));
  }

  @Test
  void theLinearProbeChoosesTheInputThatTellsTheClass() {
    LabelledFeatures queries = clouds(90, 2);
    FeatureRange telling = new FeatureRange("telling", 0, 2);
    LinearSweep.Outcome outcome =
        new LinearSweep(
                Probes.SCRIPTS,
                new LinearSweepConfig(60, 32, List.of(1e-5, 1.0)),
                0,
                EvaluationProgress.SILENT)
            .run(
                clouds(120, 1),
                queries,
                CLASSES,
                List.of(new FeatureRange("noise", 2, 2), telling));
    assertEquals(telling, outcome.input());
    assertArrayEquals(queries.labels(), outcome.predictions());
  }

  @Test
  void progressNeverGoesBackAndEndsAtItsEnd() {
    List<Long> done = new ArrayList<>();
    List<Long> total = new ArrayList<>();
    new LinearSweep(
            Probes.SCRIPTS,
            new LinearSweepConfig(30, 8, List.of(0.1)),
            0,
            (phase, at, of) -> {
              done.add(at);
              total.add(of);
            })
        .run(clouds(30, 1), clouds(3, 2), CLASSES, List.of(new FeatureRange("all", 0, 4)));
    assertEquals(done.stream().sorted().toList(), done);
    assertEquals(total.get(0), done.get(done.size() - 1));
    assertEquals(1, total.stream().distinct().count());
  }

  @Test
  void theHeldOutTenthAndTheRestAreAllRowsOnce() {
    HeldOut heldOut = HeldOut.of(57, 4);
    assertEquals(5, heldOut.chosenBy().length);
    assertArrayEquals(
        IntStream.range(0, 57).toArray(),
        IntStream.concat(IntStream.of(heldOut.training()), IntStream.of(heldOut.chosenBy()))
            .sorted()
            .toArray());
    assertTrue(heldOut.chosenBy()[4] > 5, "they are drawn from all rows");
  }
}
