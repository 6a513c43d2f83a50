package io.freshet.trainer.evaluate.probe;

import io.freshet.trainer.data.StepRandom;
import io.freshet.trainer.data.StepRandom.Purpose;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * A random tenth of the training images, on which a setting is chosen: the images that are asked in
 * the end choose nothing.
 *
 * @param training rows that are trained on
 * @param chosenBy rows that decide, at least one
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record HeldOut(int[] training, int[] chosenBy) {
  private static final int SHARE = 10;

  /**
   * @param rows of the training images, at least 2
   */
  static HeldOut of(int rows, long seed) {
    if (rows < 2) {
      throw new IllegalArgumentException(
          rows + " training images; one part trains and another chooses, so at least 2 are needed");
    }
    int[] order = shuffled(rows, StepRandom.of(seed, Purpose.EVALUATION, 1, 0));
    int held = Math.max(1, rows / SHARE);
    return new HeldOut(
        IntStream.range(held, rows).map(i -> order[i]).sorted().toArray(),
        IntStream.range(0, held).map(i -> order[i]).sorted().toArray());
  }

  /** The numbers from 0 to {@code count} in random order. */
  static int[] shuffled(int count, RandomGenerator random) {
    int[] order = IntStream.range(0, count).toArray();
    for (int i = count - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[other];
      order[other] = kept;
    }
    return order;
  }

  /** Share of the predictions that are right. */
  static double accuracy(int[] predictions, int[] labels) {
    return IntStream.range(0, labels.length)
        .mapToDouble(row -> predictions[row] == labels[row] ? 1 : 0)
        .average()
        .orElse(Double.NaN);
  }
}
