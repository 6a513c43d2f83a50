package io.freshet.trainer.data;

import io.freshet.trainer.step.TrainingBatch;
import java.util.List;

/**
 * The pixels of a plan.
 *
 * @param lost ids of images whose bytes could not be read; another image of the plan stands in for
 *     each, under other random crops
 */
public record PreparedBatch(BatchPlan plan, TrainingBatch batch, List<String> lost) {
  public PreparedBatch {
    lost = List.copyOf(lost);
  }
}
