package io.freshet.trainer.parallel;

import java.io.Serializable;
import java.time.Duration;

/**
 * Section {@code trainer.parallel}: more than one device, more than one process.
 *
 * @param devices of this process, which take each step together; at least 1
 * @param workers processes that train one model; 1 = this one alone
 * @param worker which of them this is, from 0; it reads the partitions p of {@code image.curated}
 *     with p mod workers = worker
 * @param group name that the workers of one model have in common
 * @param innerSteps steps between two exchanges (H), at least 1
 * @param outerLearningRate of the exchanged mean difference, above 0
 * @param outerMomentum Nesterov momentum of the outer step, 0 to below 1
 * @param patience how long a worker that has done its steps waits for the others
 */
public record ParallelConfig(
    int devices,
    int workers,
    int worker,
    String group,
    int innerSteps,
    double outerLearningRate,
    double outerMomentum,
    Duration patience)
    implements Serializable {

  public ParallelConfig {
    requirePositive("devices", devices);
    requirePositive("workers", workers);
    requirePositive("inner_steps", innerSteps);
    if (worker < 0 || worker >= workers) {
      throw new IllegalArgumentException(
          "trainer.parallel.worker is %d; with %d workers it is 0 to %d"
              .formatted(worker, workers, workers - 1));
    }
    if (!group.matches("[a-z0-9][a-z0-9-]{0,19}")) {
      throw new IllegalArgumentException(
          "trainer.parallel.group is '%s'; write 1 to 20 of a-z, 0-9 and '-'".formatted(group));
    }
    if (!(outerLearningRate > 0) || !(outerMomentum >= 0 && outerMomentum < 1)) {
      throw new IllegalArgumentException(
          "trainer.parallel: outer_learning_rate %s must be above 0 and outer_momentum %s within 0 and 1"
              .formatted(outerLearningRate, outerMomentum));
    }
    if (patience.isNegative() || patience.isZero()) {
      throw new IllegalArgumentException(
          "trainer.parallel.patience is " + patience + "; it must be positive");
    }
  }

  /** Whether this worker reads a partition of {@code image.curated}. */
  public boolean isOwn(int partition) {
    return partition % workers == worker;
  }

  /** Whether this worker makes the releases. */
  public boolean releases() {
    return worker == 0;
  }

  private static void requirePositive(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "trainer.parallel." + key + " is " + value + "; it must be at least 1");
    }
  }
}
