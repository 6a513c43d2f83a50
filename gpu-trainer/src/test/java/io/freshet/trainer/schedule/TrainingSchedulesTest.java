package io.freshet.trainer.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.schedule.ScheduleConfig.Scaling;
import io.freshet.trainer.schedule.ScheduleConfig.Shape;
import org.junit.jupiter.api.Test;

class TrainingSchedulesTest {

  private static ScheduleConfig config(Shape shape, long warmup) {
    return new ScheduleConfig(
        shape, 100, 1e-3, Scaling.NONE, 1e-6, warmup, 5, 0.04, 0.2, 0.99, 1.0, 0.04, 0.07, 20);
  }

  @Test
  void constantSchedulesNeverEnd() {
    TrainingSchedules schedules = TrainingSchedules.of(config(Shape.CONSTANT, 10), 32);
    assertEquals(0, schedules.at(0).learningRate());
    assertEquals(new StepSettings(1e-3, 1e-3, 0.04, 0.99, 0.07), schedules.at(1_000_000_000_000L));
  }

  @Test
  void lastLayerStaysFrozenWhileTheRestWarmsUp() {
    TrainingSchedules schedules = TrainingSchedules.of(config(Shape.CONSTANT, 10), 32);
    assertEquals(0, schedules.at(4).lastLayerLearningRate());
    assertTrue(schedules.at(4).learningRate() > 0);
    assertEquals(schedules.at(5).learningRate(), schedules.at(5).lastLayerLearningRate());
  }

  @Test
  void cooldownLeavesTheTrunkAloneAndEndsAtZero() {
    TrainingSchedules trunk = TrainingSchedules.of(config(Shape.CONSTANT, 10), 32);
    TrainingSchedules branch = trunk.cooldown(50, 11);
    assertEquals(trunk.at(49), branch.at(49));
    assertEquals(1e-3, branch.at(50).learningRate());
    assertEquals(0.5e-3, branch.at(55).learningRate(), 1e-12);
    assertEquals(0, branch.at(60).learningRate());
    assertEquals(0, branch.at(61).lastLayerLearningRate());
    assertEquals(trunk.at(60).momentum(), branch.at(60).momentum());
    assertEquals(1e-3, trunk.at(60).learningRate());
  }

  @Test
  void refusesAWarmUpThatDoesNotFit() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> config(Shape.COSINE, 101));
    assertTrue(e.getMessage().contains("101") && e.getMessage().contains("100"), e.getMessage());
  }

  @Test
  void learningRateFollowsTheRootOfTheBatchSize() {
    ScheduleConfig config =
        new ScheduleConfig(
            Shape.CONSTANT, 0, 4e-3, Scaling.SQRT_1024, 0, 0, 0, 0, 0, 0.9, 1, 0.04, 0.07, 0);
    assertEquals(2e-3, config.learningRateAt(256), 1e-15);
  }
}
