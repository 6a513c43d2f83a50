package io.freshet.trainer.run;

import io.freshet.trainer.schedule.StepSettings;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.step.TrainingStep;
import io.freshet.trainer.watch.CollapseProbe;
import io.freshet.trainer.watch.Probe;
import io.freshet.trainer.watch.ProbeReading;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.random.RandomGenerator;

/** The DINOv2 step on libtorch. */
final class TorchLearner implements Learner {
  private final TrainingConfig config;
  private final TorchScriptLibrary library;
  private TrainerState state;
  private TrainingStep step;

  /**
   * @param library stays the caller's
   * @param state closed by this
   */
  TorchLearner(TrainingConfig config, TorchScriptLibrary library, TrainerState state) {
    this.config = config;
    this.library = library;
    use(state);
  }

  private void use(TrainerState next) {
    state = next;
    step = new TrainingStep(config, library, next);
  }

  @Override
  public StepResult train(TrainingBatch batch, StepSettings settings, RandomGenerator random) {
    return step.run(batch, settings, random);
  }

  @Override
  public ProbeReading read(Probe probe, double teacherTemperature) {
    return new CollapseProbe(config, library).read(state, probe, teacherTemperature);
  }

  @Override
  public StepSnapshot snapshot() {
    return state.snapshot();
  }

  @Override
  public void rollBack(StepSnapshot good) {
    StepSnapshot here = new StepSnapshot(state.step(), state.imagesSeen(), good.tensors());
    state.close();
    use(TrainerState.restore(library.runtime().newManager(), here));
  }

  @Override
  public void close() {
    state.close();
  }
}
