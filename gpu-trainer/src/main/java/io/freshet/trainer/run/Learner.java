package io.freshet.trainer.run;

import io.freshet.trainer.schedule.StepSettings;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.watch.Probe;
import io.freshet.trainer.watch.ProbeReading;
import java.util.random.RandomGenerator;

/** What the loop trains. Owned by the training thread. */
interface Learner extends AutoCloseable {
  /** Runs the next step. */
  StepResult train(TrainingBatch batch, StepSettings settings, RandomGenerator random);

  /** What the teacher makes of the probe now. */
  ProbeReading read(Probe probe, double teacherTemperature);

  /** A copy of everything on the Java heap. */
  StepSnapshot snapshot();

  /** Takes the tensors of an earlier snapshot; the count of steps goes on. */
  void rollBack(StepSnapshot good);

  @Override
  void close();
}
