package io.freshet.trainer.run;

import ai.djl.Device;
import io.freshet.trainer.parallel.DataParallelStep;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.watch.CollapseProbe;
import io.freshet.trainer.watch.Probe;
import io.freshet.trainer.watch.ProbeReading;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.List;
import java.util.random.RandomGenerator;

/** The DINOv2 step on several devices of this process. */
final class DataParallelLearner implements Learner {
  private final TrainingConfig config;
  private final TorchScriptLibrary library;
  private final List<Device> devices;
  private DataParallelStep step;

  /**
   * @param library stays the caller's
   * @param snapshot where to go on from
   */
  DataParallelLearner(
      TrainingConfig config,
      TorchScriptLibrary library,
      StepSnapshot snapshot,
      List<Device> devices) {
    this.config = config;
    this.library = library;
    this.devices = List.copyOf(devices);
    this.step = new DataParallelStep(config, library, snapshot, devices);
  }

  @Override
  public StepResult train(TrainingBatch batch, StepSettings settings, RandomGenerator random) {
    return step.run(batch, settings, random);
  }

  @Override
  public ProbeReading read(Probe probe, double teacherTemperature) {
    return new CollapseProbe(config, library)
        .read(step.teacher(), step.dinoCenter(), probe, teacherTemperature);
  }

  @Override
  public StepSnapshot snapshot() {
    return step.snapshot();
  }

  @Override
  public void rollBack(StepSnapshot good) {
    StepSnapshot here = new StepSnapshot(step.step(), step.imagesSeen(), good.tensors());
    step.close();
    step = new DataParallelStep(config, library, here, devices);
  }

  @Override
  public void close() {
    step.close();
  }
}
