package io.freshet.trainer.schedule;

/**
 * What one training step is run with.
 *
 * @param learningRate before the multipliers of the parameter groups
 * @param lastLayerLearningRate the same for the prototypes (last_layer.*) of the heads; 0 while
 *     they are frozen
 * @param weightDecay before the multipliers of the parameter groups
 * @param momentum share of the old teacher in the new one, 0 to 1
 * @param teacherTemperature divides the teacher's logits, above 0
 */
public record StepSettings(
    double learningRate,
    double lastLayerLearningRate,
    double weightDecay,
    double momentum,
    double teacherTemperature) {

  public StepSettings {
    if (!(learningRate >= 0 && lastLayerLearningRate >= 0 && weightDecay >= 0)) {
      throw new IllegalArgumentException(
          "learning rates and weight decay must not be negative: learning rate "
              + learningRate
              + ", last layer "
              + lastLayerLearningRate
              + ", weight decay "
              + weightDecay);
    }
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new IllegalArgumentException(
          "the teacher's momentum must be within 0 and 1, not " + momentum);
    }
    if (!(teacherTemperature > 0)) {
      throw new IllegalArgumentException(
          "the teacher's temperature must be above 0, not " + teacherTemperature);
    }
  }
}
