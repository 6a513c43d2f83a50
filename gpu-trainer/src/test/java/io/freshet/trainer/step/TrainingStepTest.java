package io.freshet.trainer.step;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.testing.RandomBatches;
import io.freshet.trainer.testing.TinyRecipe;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingStepTest {

  private static final TorchScriptLibrary SCRIPTS = TrainerScripts.load(TorchRuntime.start());
  private static final long SEED = 5;

  private static TrainerState begin(TrainingConfig config) {
    return TrainerState.begin(SCRIPTS.runtime().newManager(), config, SEED);
  }

  private static TrainerState restore(StepSnapshot snapshot) {
    return TrainerState.restore(SCRIPTS.runtime().newManager(), snapshot);
  }

  private static TrainingStep steps(TrainingConfig config, TrainerState state) {
    return new TrainingStep(config, SCRIPTS, state);
  }

  /** Runs the step that {@code step} is at with all that depends on its number. */
  private static StepResult run(TrainingConfig config, TrainingStep step, TrainingBatch batch) {
    long at = step.state().step();
    TrainingSchedules schedules = TrainingSchedules.of(config.schedule(), config.batchImages());
    return step.run(batch, schedules.at(at), new SplittableRandom(at));
  }

  private static StepResult run(TrainingConfig config, TrainingStep step) {
    return run(config, step, RandomBatches.of(config, step.state().step()));
  }

  @ParameterizedTest
  @EnumSource(Centering.class)
  void resumesBitForBit(Centering centering) {
    TrainingConfig config = TinyRecipe.of(centering, true, 2);
    try (TrainerState straight = begin(config)) {
      TrainingStep step = steps(config, straight);
      for (int i = 0; i < 3; i++) {
        run(config, step);
      }
      try (TrainerState resumed = restore(straight.snapshot())) {
        TrainingStep again = steps(config, resumed);
        assertEquals(straight.snapshot(), resumed.snapshot());
        for (int i = 0; i < 5; i++) {
          assertEquals(run(config, step), run(config, again));
        }
        assertEquals(straight.snapshot(), resumed.snapshot());
        assertEquals(8, resumed.step());
        assertEquals(8L * config.batchImages(), resumed.imagesSeen());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SOFTMAX,true,0",
    "SOFTMAX,false,3",
    "SINKHORN_KNOPP,false,0",
    "SINKHORN_KNOPP,true,3"
  })
  void everyRecipeMovesEveryParameterAndItsAverage(
      Centering centering, boolean separate, int locals) {
    TrainingConfig config = TinyRecipe.of(centering, separate, locals);
    try (TrainerState state = begin(config)) {
      Map<String, StateTensor> before = state.snapshot().tensors();
      TrainingStep step = steps(config, state);
      for (int i = 0; i < 4; i++) {
        StepResult result = run(config, step);
        assertFalse(result.skipped());
        double sum = 0;
        for (String loss : new String[] {"dino_local", "dino_global", "koleo", "ibot"}) {
          sum += result.losses().get(loss);
        }
        assertEquals(sum, result.totalLoss(), 1e-9);
        assertEquals(locals == 0, result.losses().get("dino_local") == 0);
      }
      Map<String, StateTensor> after = state.snapshot().tensors();
      before.forEach(
          (name, value) -> {
            boolean still = name.startsWith("center.") && centering == Centering.SINKHORN_KNOPP;
            assertEquals(still, value.equals(after.get(name)), name);
          });
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, 1e38f})
  void aStepThatIsNotFiniteChangesNothingButTheStepCount(float factor) {
    TrainingConfig config = TinyRecipe.of(Centering.SOFTMAX, true, 2);
    try (TrainerState state = begin(config)) {
      TrainingStep step = steps(config, state);
      run(config, step);
      run(config, step);
      StepSnapshot before = state.snapshot();
      StepResult result = run(config, step, RandomBatches.of(config, 7, factor));
      assertTrue(result.skipped());
      assertEquals(2, result.step());
      assertEquals(before.imagesSeen(), result.imagesSeen());
      assertEquals(
          new StepSnapshot(before.step() + 1, before.imagesSeen(), before.tensors()),
          state.snapshot());
      assertFalse(run(config, step).skipped());
    }
  }

  @ParameterizedTest
  @CsvSource({"true,NaN", "true,Infinity", "false,NaN", "false,-Infinity"})
  void oneBadPixelKeepsTheWholeStateAsItWas(boolean global, float pixel) {
    TrainingConfig config = TinyRecipe.of(Centering.SOFTMAX, true, 2);
    try (TrainerState state = begin(config)) {
      TrainingStep step = steps(config, state);
      run(config, step);
      TrainingBatch batch = RandomBatches.of(config, 7);
      (global ? batch.globals() : batch.locals())[1] = pixel;
      requireUntouched(config, step, batch);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "student.backbone.blocks.1.norm2.weight,NaN",
    "student.backbone.cls_token,Infinity",
    "student.ibot_head.last_layer.weight_v,NaN",
    "teacher.backbone.norm.bias,NaN",
    "teacher.dino_head.mlp.0.weight,-Infinity",
    "center.dino,NaN"
  })
  void aLossThatIsNotFiniteKeepsTheWholeStateAsItWas(String poisoned, float value) {
    TrainingConfig config = TinyRecipe.of(Centering.SOFTMAX, true, 2);
    try (TrainerState healthy = begin(config)) {
      run(config, steps(config, healthy));
      Map<String, StateTensor> tensors = new TreeMap<>(healthy.snapshot().tensors());
      float[] values = tensors.get(poisoned).floats();
      values[values.length / 2] = value;
      tensors.put(poisoned, StateTensor.of(values, tensors.get(poisoned).dims()));
      try (TrainerState state = restore(new StepSnapshot(1, 4, tensors))) {
        StepResult result =
            requireUntouched(config, steps(config, state), RandomBatches.of(config, 1));
        assertFalse(Double.isFinite(result.totalLoss()), poisoned);
      }
    }
  }

  @Test
  void aGradientThatOverflowsUnderAFiniteLossKeepsTheWholeStateAsItWas() {
    TrainingConfig config = TinyRecipe.of(Centering.SOFTMAX, true, 2);
    try (TrainerState healthy = begin(config)) {
      run(config, steps(config, healthy));
      Map<String, StateTensor> tensors = new TreeMap<>(healthy.snapshot().tensors());
      // The bottleneck is 0, whose direction is undefined: its logits are 0, its gradient huge.
      fill(tensors, "student.dino_head.mlp.4.weight", 0);
      fill(tensors, "student.dino_head.mlp.4.bias", 0);
      fill(tensors, "student.dino_head.last_layer.weight_g", 1e30f);
      try (TrainerState state = restore(new StepSnapshot(1, 4, tensors))) {
        StepResult result =
            requireUntouched(config, steps(config, state), RandomBatches.of(config, 1));
        assertTrue(Double.isFinite(result.totalLoss()), result.losses().toString());
        assertFalse(Double.isFinite(result.gradientNorms().get("dino_head")));
      }
    }
  }

  private static void fill(Map<String, StateTensor> tensors, String name, float value) {
    float[] values = new float[tensors.get(name).floats().length];
    Arrays.fill(values, value);
    tensors.put(name, StateTensor.of(values, tensors.get(name).dims()));
  }

  /** Runs a step that must be skipped and leave every tensor bit for bit as it was. */
  private static StepResult requireUntouched(
      TrainingConfig config, TrainingStep step, TrainingBatch batch) {
    StepSnapshot before = step.state().snapshot();
    StepResult result = run(config, step, batch);
    assertTrue(result.skipped());
    assertEquals(
        new StepSnapshot(before.step() + 1, before.imagesSeen(), before.tensors()),
        step.state().snapshot());
    return result;
  }

  @Test
  void aBatchWithoutMaskedPatchesIsTrainedWithoutThePatchLoss() {
    TrainingConfig config = TinyRecipe.of(Centering.SINKHORN_KNOPP, true, 2);
    TrainingBatch masked = RandomBatches.of(config, 1);
    try (TrainerState state = begin(config)) {
      StepResult result = run(config, steps(config, state), masked.unmasked());
      assertFalse(result.skipped());
      assertEquals(0, result.losses().get("ibot"), 1e-30);
      assertEquals(0, result.gradientNorms().get("ibot_head"), 1e-30);
    }
  }

  @Test
  void prototypesStayWhileTheLastLayerIsFrozen() {
    TrainingConfig config = TinyRecipe.of(Centering.SOFTMAX, false, 2);
    try (TrainerState state = begin(config)) {
      float[] before = state.student().get("dino_head.last_layer.weight_v").toFloatArray();
      TrainingStep step = steps(config, state);
      run(config, step);
      assertArrayEquals(
          before, state.student().get("dino_head.last_layer.weight_v").toFloatArray());
      run(config, step);
      run(config, step);
      assertNotEquals(
          before[0], state.student().get("dino_head.last_layer.weight_v").toFloatArray()[0]);
    }
  }

  @Test
  void nativeTensorsDoNotAccumulate() {
    TrainingConfig config = TinyRecipe.of(Centering.SINKHORN_KNOPP, true, 2);
    try (TrainerState state = begin(config)) {
      TrainingStep step = steps(config, state);
      NDArray parameter = state.student().get("backbone.norm.weight");
      run(config, step);
      int held = parameter.getManager().getManagedArrays().size();
      for (int i = 0; i < 20; i++) {
        run(config, step);
      }
      assertEquals(held, parameter.getManager().getManagedArrays().size());
      assertEquals(parameter, state.student().get("backbone.norm.weight"));
    }
  }

  @Test
  void refusesASnapshotWhoseAverageIsOfAnotherModel() {
    TrainingConfig config = TinyRecipe.of(Centering.SOFTMAX, false, 2);
    try (TrainerState state = begin(config)) {
      Map<String, StateTensor> tensors = new TreeMap<>(state.snapshot().tensors());
      tensors.remove("teacher.backbone.cls_token");
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> restore(new StepSnapshot(0, 0, tensors)));
      assertTrue(e.getMessage().contains("backbone.cls_token"), e.getMessage());
    }
  }
}
