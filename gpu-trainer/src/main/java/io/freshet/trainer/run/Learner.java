package io.freshet.trainer.run;

import io.freshet.trainer.schedule.StepSettings;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.step.TrainingBatch;
import java.util.random.RandomGenerator;

/** What the loop trains. Owned by the training thread. */
interface Learner extends AutoCloseable {
  /** Runs the next step. */
  StepResult train(TrainingBatch batch, StepSettings settings, RandomGenerator random);

  /** A copy of everything on the Java heap. */
  StepSnapshot snapshot();

  /** Takes the tensors of an earlier snapshot; the count of steps goes on. */
  void rollBack(StepSnapshot good);

  @Override
  void close();
}
