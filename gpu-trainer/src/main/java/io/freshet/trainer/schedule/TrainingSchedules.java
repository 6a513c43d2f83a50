package io.freshet.trainer.schedule;

import io.freshet.trainer.schedule.Schedule.Cosine;
import io.freshet.trainer.schedule.Schedule.Held;

/** The five schedules of a run. Immutable. */
public record TrainingSchedules(
    Schedule learningRate,
    Schedule lastLayerLearningRate,
    Schedule weightDecay,
    Schedule momentum,
    Schedule teacherTemperature) {

  /** The schedules that {@code config} describes, for batches of {@code batchSize} images. */
  public static TrainingSchedules of(ScheduleConfig config, int batchSize) {
    double peak = config.learningRateAt(batchSize);
    Schedule learningRate =
        switch (config.shape()) {
          case COSINE ->
              Schedule.cosine(
                  peak,
                  config.learningRateEnd(),
                  config.steps(),
                  config.learningRateWarmupSteps(),
                  0,
                  0);
          case CONSTANT ->
              new Schedule.Linear(
                  0, peak, config.learningRateWarmupSteps(), new Schedule.Constant(peak));
        };
    return new TrainingSchedules(
        learningRate,
        new Held(0, config.freezeLastLayerSteps(), learningRate),
        overTheRun(config, config.weightDecay(), config.weightDecayEnd()),
        overTheRun(config, config.momentum(), config.momentumEnd()),
        new Schedule.Linear(
            config.teacherTemperatureStart(),
            config.teacherTemperature(),
            config.teacherTemperatureWarmupSteps(),
            new Schedule.Constant(config.teacherTemperature())));
  }

  /**
   * A short branch off a run with constant schedules that ends it well: from step {@code from} the
   * learning rates go linearly to 0 within {@code steps} steps while everything else stays as it
   * was.
   */
  public TrainingSchedules cooldown(long from, long steps) {
    return new TrainingSchedules(
        down(learningRate, from, steps),
        down(lastLayerLearningRate, from, steps),
        weightDecay,
        momentum,
        teacherTemperature);
  }

  /** The schedules of a run whose step 0 is step {@code from} of these. */
  public TrainingSchedules startingAt(long from) {
    return new TrainingSchedules(
        new Schedule.Shifted(learningRate, from),
        new Schedule.Shifted(lastLayerLearningRate, from),
        new Schedule.Shifted(weightDecay, from),
        new Schedule.Shifted(momentum, from),
        new Schedule.Shifted(teacherTemperature, from));
  }

  /** What step {@code step}, counted from 0, is run with. */
  public StepSettings at(long step) {
    return new StepSettings(
        learningRate.at(step),
        lastLayerLearningRate.at(step),
        weightDecay.at(step),
        momentum.at(step),
        teacherTemperature.at(step));
  }

  private static Schedule overTheRun(ScheduleConfig config, double start, double end) {
    return switch (config.shape()) {
      case COSINE -> new Cosine(start, end, config.steps());
      case CONSTANT -> new Schedule.Constant(start);
    };
  }

  private static Schedule down(Schedule trunk, long from, long steps) {
    return new Schedule.Branch(
        trunk, from, new Schedule.Linear(trunk.at(from), 0, steps, new Schedule.Constant(0)));
  }
}
