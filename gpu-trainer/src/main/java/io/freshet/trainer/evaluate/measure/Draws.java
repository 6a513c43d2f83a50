package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.data.StepRandom;
import io.freshet.trainer.data.StepRandom.Purpose;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Random choices that are the same on every start. */
final class Draws {
  private Draws() {}

  /** At most {@code limit} elements in the fixed random order of {@code seed}. */
  static <T> List<T> some(List<T> ordered, int limit, long seed) {
    List<T> shuffled = new ArrayList<>(ordered);
    Collections.shuffle(shuffled, new Random(StepRandom.seed(seed, Purpose.EVALUATION, 4, 0)));
    return List.copyOf(shuffled.subList(0, Math.min(limit, shuffled.size())));
  }
}
