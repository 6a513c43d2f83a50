package io.freshet.trainer.schedule;

import java.io.Serializable;

/**
 * Config section {@code trainer.schedule}. All lengths are in optimizer steps.
 *
 * @param shape what happens after the warm-up
 * @param steps length of a {@code COSINE} run; not used by {@code CONSTANT}, which has no end
 * @param learningRate peak at a batch of 1,024 images, or of any size without scaling
 * @param learningRateScaling how the peak follows the batch size
 * @param learningRateEnd what a cosine ends in
 * @param learningRateWarmupSteps linear from 0 to the peak, both included
 * @param freezeLastLayerSteps the prototypes keep their values for so long
 * @param weightDecay at the start
 * @param weightDecayEnd at the end of a cosine
 * @param momentum of the teacher at the start
 * @param momentumEnd at the end of a cosine
 * @param teacherTemperatureStart at step 0
 * @param teacherTemperature after its warm-up
 * @param teacherTemperatureWarmupSteps linear between the two
 */
public record ScheduleConfig(
    Shape shape,
    long steps,
    double learningRate,
    Scaling learningRateScaling,
    double learningRateEnd,
    long learningRateWarmupSteps,
    long freezeLastLayerSteps,
    double weightDecay,
    double weightDecayEnd,
    double momentum,
    double momentumEnd,
    double teacherTemperatureStart,
    double teacherTemperature,
    long teacherTemperatureWarmupSteps)
    implements Serializable {

  /** What happens after the warm-up. */
  public enum Shape {
    /** Learning rate, weight decay and momentum stay: for a stream that does not end. */
    CONSTANT,
    /** Half a cosine to the end values at step {@code steps}, as published. */
    COSINE
  }

  /** How the peak learning rate follows the batch size. */
  public enum Scaling {
    /** Not at all. */
    NONE,
    /** times sqrt(batch size / 1,024), as published. */
    SQRT_1024
  }

  public ScheduleConfig {
    requireCount("steps", steps);
    requireNotNegative("learning_rate", learningRate);
    requireNotNegative("learning_rate_end", learningRateEnd);
    requireCount("learning_rate_warmup_steps", learningRateWarmupSteps);
    requireCount("freeze_last_layer_steps", freezeLastLayerSteps);
    requireNotNegative("weight_decay", weightDecay);
    requireNotNegative("weight_decay_end", weightDecayEnd);
    requireCount("teacher_temperature_warmup_steps", teacherTemperatureWarmupSteps);
    requireShare("momentum", momentum);
    requireShare("momentum_end", momentumEnd);
    requirePositive("teacher_temperature_start", teacherTemperatureStart);
    requirePositive("teacher_temperature", teacherTemperature);
    if (shape == Shape.COSINE && learningRateWarmupSteps > steps) {
      throw new IllegalArgumentException(
          "schedule.learning_rate_warmup_steps ("
              + learningRateWarmupSteps
              + ") must not exceed schedule.steps ("
              + steps
              + ") of a cosine");
    }
  }

  /** The peak learning rate for batches of {@code batchSize} images. */
  public double learningRateAt(int batchSize) {
    return switch (learningRateScaling) {
      case NONE -> learningRate;
      case SQRT_1024 -> learningRate * Math.sqrt(batchSize / 1024.0);
    };
  }

  /**
   * A whole run in {@code branchSteps} steps, for a branch that begins anew from a trained model:
   * warm-ups and freeze last as large a share of it as they did of the run before, at most half,
   * and the learning rate ends in half a cosine. Weight decay and momentum stay where the run's
   * shape holds them and go to their ends where it moves them.
   *
   * @param stepsBehind steps of the run before, where its shape has no length of its own
   * @param learningRateFactor multiplies the peak
   */
  public ScheduleConfig compressed(long stepsBehind, long branchSteps, double learningRateFactor) {
    boolean moving = shape == Shape.COSINE;
    double share = branchSteps / (double) Math.max(1, moving ? steps : stepsBehind);
    double peak = learningRate * learningRateFactor;
    return new ScheduleConfig(
        Shape.COSINE,
        branchSteps,
        peak,
        learningRateScaling,
        Math.min(learningRateEnd, peak),
        shortened(learningRateWarmupSteps, share, branchSteps),
        shortened(freezeLastLayerSteps, share, branchSteps),
        weightDecay,
        moving ? weightDecayEnd : weightDecay,
        momentum,
        moving ? momentumEnd : momentum,
        teacherTemperatureStart,
        teacherTemperature,
        shortened(teacherTemperatureWarmupSteps, share, branchSteps));
  }

  private static long shortened(long length, double share, long branchSteps) {
    return Math.min(Math.round(length * share), branchSteps / 2);
  }

  private static void requireCount(String key, long steps) {
    if (steps < 0) {
      throw new IllegalArgumentException("schedule." + key + " must not be negative, not " + steps);
    }
  }

  private static void requireNotNegative(String key, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "schedule." + key + " must be finite and not negative, not " + value);
    }
  }

  private static void requireShare(String key, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(
          "schedule." + key + " must be within 0 and 1, not " + value);
    }
  }

  private static void requirePositive(String key, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("schedule." + key + " must be above 0, not " + value);
    }
  }
}
