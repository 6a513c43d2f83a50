package io.freshet.trainer.parallel;

import io.freshet.trainer.step.TrainingBatch;
import io.freshet.vision.model.StochasticDepth;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Which samples of a whole batch keep their residuals: the draw that one device would make.
 *
 * @param rows the kept rows in the order that {@code forward_features_list} takes; empty when no
 *     path is dropped
 * @param batches rows of the global and, if there are any, the local crops
 */
record KeptPaths(List<long[]> rows, int[] batches) {

  static KeptPaths draw(RandomGenerator random, double rate, int depth, TrainingBatch batch) {
    int globals = TrainingBatch.GLOBAL_CROPS * batch.images();
    int locals = batch.localCrops() * batch.images();
    int[] batches = locals == 0 ? new int[] {globals} : new int[] {globals, locals};
    double[] rates = StochasticDepth.uniform(rate, depth);
    return new KeptPaths(StochasticDepth.draw(random, rates, batches), batches);
  }

  List<long[]> of(Shard shard) {
    return rows.stream().map(shard::own).toList();
  }

  /** The factor of a kept residual, B / kept, for each entry of the list. */
  double[] scales() {
    double[] scales = new double[batches.length];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = rows.isEmpty() ? 1 : (double) batches[i] / rows.get(i).length;
    }
    return scales;
  }
}
