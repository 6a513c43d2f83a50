package io.freshet.trainer.checkpoint;

import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Section {@code trainer.checkpoint}.
 *
 * @param dir directory of the checkpoint files, created when missing
 * @param everySteps a checkpoint at least after so many steps, at least 1
 * @param interval a checkpoint at least after so much time
 * @param retained newest checkpoints that are kept, at least 2: one may turn out to be damaged
 */
public record CheckpointConfig(Path dir, long everySteps, Duration interval, int retained)
    implements Serializable {
  public CheckpointConfig {
    if (everySteps < 1 || interval.isNegative() || interval.isZero()) {
      throw new IllegalArgumentException(
          "trainer.checkpoint: every_steps %d and interval %s must be positive"
              .formatted(everySteps, interval));
    }
    if (retained < 2) {
      throw new IllegalArgumentException(
          "trainer.checkpoint.retained is %d; keep at least 2, for one may turn out damaged"
              .formatted(retained));
    }
  }
}
