package io.freshet.trainer.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.loss.DinoConfig;
import io.freshet.trainer.loss.HeadConfig;
import io.freshet.trainer.loss.IbotConfig;
import io.freshet.trainer.loss.LossConfig;
import io.freshet.trainer.masking.MaskSampling;
import io.freshet.trainer.optim.OptimizerConfig;
import io.freshet.trainer.schedule.ScheduleConfig;
import io.freshet.trainer.step.CropsConfig;
import io.freshet.trainer.step.ModelConfig;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.testing.Recipes;
import io.freshet.trainer.watch.WatchedRun.Findings;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs that collapse in the ways that DINO is known to, and runs that don't. The quick ones train a
 * model of two blocks on 32 pixels, the slow ones on 64 pixels with local crops.
 */
class CollapseRunsTest {
  /** Within so many steps an alarm must come. */
  private static final int STEPS = 200;

  private static final int QUICK_STEPS = 80;
  private static final double CENTERING = 0.9;

  /** A centre that keeps its first value, 0, for ever. */
  private static final double NO_CENTERING = 1;

  private static final double TEACHER_MOMENTUM = 0.99;

  @Test
  void noAlarmInAQuickHealthyRun() {
    requireNoAlarm(WatchedRun.onPhotographs(quick(CENTERING, TEACHER_MOMENTUM), 5, 1), QUICK_STEPS);
  }

  @Test
  void anAlarmWhenNothingIsCentered() {
    requireAlarm(
        WatchedRun.onPhotographs(quick(NO_CENTERING, TEACHER_MOMENTUM), 5, 1), QUICK_STEPS);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void noAlarmInAHealthyRun(long seed) {
    requireNoAlarm(
        WatchedRun.onPhotographs(recipe(Centering.SOFTMAX, CENTERING, TEACHER_MOMENTUM), 20, seed),
        STEPS);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(longs = {6, 7})
  void noAlarmInAHealthyRunWithSinkhornKnopp(long seed) {
    requireNoAlarm(
        WatchedRun.onPhotographs(
            recipe(Centering.SINKHORN_KNOPP, CENTERING, TEACHER_MOMENTUM), 20, seed),
        STEPS);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void anAlarmWithin200StepsWithoutCentering(long seed) {
    requireAlarm(
        WatchedRun.onPhotographs(
            recipe(Centering.SOFTMAX, NO_CENTERING, TEACHER_MOMENTUM), 20, seed),
        STEPS);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23})
  void anAlarmWithin200StepsOnConstantImages(long seed) {
    requireAlarm(
        WatchedRun.onAConstant(recipe(Centering.SOFTMAX, CENTERING, TEACHER_MOMENTUM), 20, seed),
        STEPS);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33})
  void anAlarmWithin200StepsWithATeacherWithoutMomentum(long seed) {
    requireAlarm(
        WatchedRun.onPhotographs(recipe(Centering.SOFTMAX, CENTERING, 0), 20, seed), STEPS);
  }

  private static void requireAlarm(WatchedRun run, int steps) {
    Findings findings = run.train(steps);
    print(findings);
    assertTrue(findings.alarmAt().isPresent(), findings.toString());
  }

  private static void requireNoAlarm(WatchedRun run, int steps) {
    Findings findings = run.train(steps);
    print(findings);
    assertEquals(Optional.empty(), findings.alarm());
  }

  private static void print(Findings findings) {
    System.out.printf(
        Locale.ROOT,
        ">>> alarm after %s steps: %s; at the end %s%n",
        findings.alarmAt().map(Object::toString).orElse("no"),
        findings.alarm().orElse("none"),
        findings.last());
  }

  private static TrainingConfig quick(double centerMomentum, double momentum) {
    return config(
        Centering.SOFTMAX,
        centerMomentum,
        momentum,
        8,
        new CropsConfig(32, 0.32, 1, 0, 16, 0.05, 0.32),
        new ModelConfig(8, 48, 2, 3, Ffn.MLP, 0, 1, 0));
  }

  private static TrainingConfig recipe(
      Centering centering, double centerMomentum, double momentum) {
    return config(
        centering,
        centerMomentum,
        momentum,
        16,
        new CropsConfig(64, 0.32, 1, 2, 32, 0.05, 0.32),
        new ModelConfig(16, 48, 2, 3, Ffn.MLP, 0, 1, 0));
  }

  private static TrainingConfig config(
      Centering centering,
      double centerMomentum,
      double momentum,
      int images,
      CropsConfig crops,
      ModelConfig model) {
    HeadConfig head = new HeadConfig(64, 64, 32, 3);
    return new TrainingConfig(
        images,
        model,
        crops,
        Recipes.defaults().augmentation(),
        new LossConfig(
            centering,
            3,
            centerMomentum,
            0.1,
            0.1,
            new DinoConfig(1, head),
            new IbotConfig(1, true, head, new MaskSampling(0.5, 0.1, 0.5))),
        new OptimizerConfig(0.9, 0.999, 1e-8, 3, 1, 1),
        new ScheduleConfig(
            ScheduleConfig.Shape.CONSTANT,
            0,
            1e-3,
            ScheduleConfig.Scaling.NONE,
            0,
            10,
            10,
            0.04,
            0.04,
            momentum,
            1,
            0.04,
            0.04,
            1));
  }
}
