package io.freshet.trainer.step;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.parallel.DataParallelStep;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.TrainingStep.Derivatives;
import io.freshet.trainer.testing.RandomBatches;
import io.freshet.trainer.testing.TinyRecipe;
import io.freshet.trainer.torch.Precision;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.embed.Cosine;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;
import io.freshet.vision.torch.Processor;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mixed precision against float32. */
class PrecisionTest {
  private static final TorchScriptLibrary FP32 =
      TrainerScripts.load(TorchRuntime.start(), Precision.FP32);
  private static final TorchScriptLibrary BF16 =
      TrainerScripts.load(TorchRuntime.start(), Precision.BF16);
  private static final long STEP = 20;

  /**
   * bfloat16 keeps 8 bits. KoLeo's gradient jumps where rounding makes another feature the nearest
   * one; it does not in these cases.
   */
  private static final double LEAST_COSINE = 0.999;

  /** Of a parameter whose gradient is a small difference of large sums. */
  private static final double LEAST_COSINE_OF_ONE = 0.99;

  @ParameterizedTest(name = "{0}, {1}, {2} px, drop {3}")
  @CsvSource({
    "WRITTEN_OUT, MLP,    32,  0.0",
    "WRITTEN_OUT, SWIGLU, 32,  0.4",
    "WRITTEN_OUT, MLP,    152, 0.4",
    "RECORDED,    MLP,    32,  0.0",
    "RECORDED,    SWIGLU, 32,  0.4",
    "RECORDED,    MLP,    152, 0.4"
  })
  void gradientsPointTheSameWay(Derivatives derivatives, Ffn ffn, int globalSize, double dropPath) {
    TrainingConfig config = config(ffn, globalSize, dropPath);
    Map<String, float[]> exact = gradients(FP32, config, derivatives);
    Map<String, float[]> rounded = gradients(BF16, config, derivatives);
    assertEquals(exact.keySet(), rounded.keySet());
    exact.forEach(
        (name, gradient) ->
            assertTrue(
                Cosine.of(gradient, rounded.get(name)) > LEAST_COSINE_OF_ONE,
                () -> name + ": cosine " + Cosine.of(gradient, rounded.get(name))));
    double ofAll = Cosine.of(joined(exact), joined(rounded));
    assertTrue(ofAll > LEAST_COSINE, () -> "all gradients: cosine " + ofAll);
  }

  @Test
  void productsAreRounded() {
    TrainingConfig config = config(Ffn.MLP, 32, 0);
    String name = "backbone.blocks.0.mlp.fc1.weight";
    float[] exact = gradients(FP32, config, Derivatives.WRITTEN_OUT).get(name);
    float[] rounded = gradients(BF16, config, Derivatives.WRITTEN_OUT).get(name);
    assertTrue(Cosine.of(exact, rounded) < 1 - 1e-7);
  }

  @Test
  void stepsStayNearThoseInFloat32AndTheStateIsFloat32() {
    TrainingConfig config = config(Ffn.MLP, 32, 0.4);
    try (TrainerState exact = TrainerState.begin(FP32.runtime().newManager(), config, 3);
        TrainerState rounded = TrainerState.begin(BF16.runtime().newManager(), config, 3)) {
      for (long step = 0; step < 5; step++) {
        StepResult wanted = step(new TrainingStep(config, FP32, exact), config, step);
        StepResult got = step(new TrainingStep(config, BF16, rounded), config, step);
        assertFalse(got.skipped());
        assertEquals(wanted.totalLoss(), got.totalLoss(), 0.01 * wanted.totalLoss());
      }
      rounded
          .student()
          .forEach((name, value) -> assertEquals(DataType.FLOAT32, value.getDataType(), name));
    }
  }

  @Test
  void equalStepsGiveEqualBits() {
    TrainingConfig config = config(Ffn.MLP, 32, 0.4);
    Map<String, float[]> first = gradients(BF16, config, Derivatives.WRITTEN_OUT);
    Map<String, float[]> second = gradients(BF16, config, Derivatives.WRITTEN_OUT);
    first.forEach((name, gradient) -> assertArrayEquals(gradient, second.get(name), name));
  }

  @Test
  void severalDevicesComputeInIt() {
    TrainingConfig config = config(Ffn.MLP, 32, 0.4);
    TrainingBatch batch = RandomBatches.of(config, STEP);
    StepSettings settings = settings(config);
    try (TrainerState state = TrainerState.begin(BF16.runtime().newManager(), config, 3);
        DataParallelStep several =
            new DataParallelStep(
                config, BF16, state.snapshot(), List.of(Device.cpu(), Device.cpu()))) {
      StepResult together = several.run(batch, settings, new SplittableRandom(STEP));
      StepResult alone =
          new TrainingStep(config, BF16, state).run(batch, settings, new SplittableRandom(STEP));
      assertEquals(alone.totalLoss(), together.totalLoss(), 1e-3 * alone.totalLoss());
    }
  }

  @Test
  void autoIsBfloat16WhereItPays() {
    assertEquals(Precision.BF16, Precision.AUTO.on(Device.gpu(), Processor.OTHER));
    assertEquals(Precision.BF16, Precision.AUTO.on(Device.cpu(), Processor.INTEL_AMX));
    assertEquals(Precision.FP32, Precision.AUTO.on(Device.cpu(), Processor.INTEL));
    assertEquals(Precision.FP32, Precision.AUTO.on(Device.cpu(), Processor.OTHER));
    assertEquals(Precision.FP32, Precision.FP32.on(Device.gpu(), Processor.OTHER));
    assertEquals(Precision.BF16, Precision.BF16.on(Device.cpu(), Processor.OTHER));
    assertThrows(
        IllegalArgumentException.class,
        () -> TrainerScripts.load(TorchRuntime.start(), Precision.AUTO, Processor.OTHER));
  }

  private static TrainingConfig config(Ffn ffn, int globalSize, double dropPath) {
    TrainingConfig tiny = TinyRecipe.of(Centering.SOFTMAX, true, 2);
    return new TrainingConfig(
        tiny.batchImages(),
        new ModelConfig(8, 32, 2, 4, ffn, 1, 0.5, dropPath),
        new CropsConfig(globalSize, 0.32, 1, 2, 16, 0.05, 0.32),
        tiny.augmentation(),
        tiny.losses(),
        tiny.optimizer(),
        tiny.schedule());
  }

  private static StepSettings settings(TrainingConfig config) {
    return TrainingSchedules.of(config.schedule(), config.batchImages()).at(STEP);
  }

  private static StepResult step(TrainingStep step, TrainingConfig config, long number) {
    return step.run(
        RandomBatches.of(config, number), settings(config), new SplittableRandom(number));
  }

  private static Map<String, float[]> gradients(
      TorchScriptLibrary scripts, TrainingConfig config, Derivatives derivatives) {
    try (TrainerState state = TrainerState.begin(scripts.runtime().newManager(), config, 3)) {
      return new TrainingStep(config, scripts, state, derivatives)
          .gradients(RandomBatches.of(config, STEP), settings(config), new SplittableRandom(STEP));
    }
  }

  private static float[] joined(Map<String, float[]> gradients) {
    float[] all = new float[gradients.values().stream().mapToInt(g -> g.length).sum()];
    int at = 0;
    for (String name : new TreeSet<>(gradients.keySet())) {
      float[] gradient = gradients.get(name);
      System.arraycopy(gradient, 0, all, at, gradient.length);
      at += gradient.length;
    }
    return all;
  }
}
