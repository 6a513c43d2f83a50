package io.freshet.trainer.step;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.TrainingStep.Derivatives;
import io.freshet.trainer.testing.RandomBatches;
import io.freshet.trainer.testing.TinyRecipe;
import io.freshet.trainer.torch.Precision;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;
import io.freshet.vision.torch.Processor;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The written derivatives against autograd's, in the variants that no reference number covers. */
class DerivativesTest {
  private static final Map<Processor, TorchScriptLibrary> SCRIPTS =
      Arrays.stream(Processor.values())
          .collect(
              Collectors.toMap(
                  Function.identity(),
                  processor ->
                      TrainerScripts.load(TorchRuntime.start(), Precision.FP32, processor)));
  private static final long STEP = 20;

  @ParameterizedTest(
      name = "{7}: {0}, own patch head {1}, {2} locals, {3} px, {4}, {5} registers, drop {6}")
  @CsvSource({
    "SINKHORN_KNOPP, true,  3, 32,  SWIGLU, 2, 0.4, INTEL",
    "SINKHORN_KNOPP, true,  3, 32,  SWIGLU, 2, 0.4, OTHER",
    "SINKHORN_KNOPP, false, 0, 32,  MLP,    0, 0.4, INTEL",
    "SINKHORN_KNOPP, false, 0, 32,  MLP,    0, 0.4, OTHER",
    "SOFTMAX,        false, 2, 32,  MLP,    2, 0.0, INTEL",
    "SOFTMAX,        false, 2, 32,  MLP,    2, 0.0, OTHER",
    "SOFTMAX,        true,  2, 32,  SWIGLU, 0, 0.0, INTEL",
    "SOFTMAX,        true,  2, 32,  SWIGLU, 0, 0.0, OTHER",
    "SOFTMAX,        true,  2, 152, MLP,    1, 0.4, INTEL",
    "SOFTMAX,        true,  2, 152, MLP,    1, 0.4, OTHER"
  })
  void areThoseOfAutograd(
      Centering centering,
      boolean separateHead,
      int locals,
      int globalSize,
      Ffn ffn,
      int registers,
      double dropPath,
      Processor processor) {
    TorchScriptLibrary scripts = SCRIPTS.get(processor);
    TrainingConfig tiny = TinyRecipe.of(centering, separateHead, locals);
    TrainingConfig config =
        new TrainingConfig(
            tiny.batchImages(),
            new ModelConfig(8, 32, 2, 4, ffn, registers, 0.5, dropPath),
            new CropsConfig(globalSize, 0.32, 1, locals, 16, 0.05, 0.32),
            tiny.augmentation(),
            tiny.losses(),
            tiny.optimizer(),
            tiny.schedule());
    try (TrainerState state = TrainerState.begin(scripts.runtime().newManager(), config, 3)) {
      Map<String, float[]> recorded = gradients(scripts, config, state, Derivatives.RECORDED);
      Map<String, float[]> written = gradients(scripts, config, state, Derivatives.WRITTEN_OUT);
      assertEquals(recorded.keySet(), written.keySet());
      recorded.forEach(
          (name, gradient) -> {
            double largest = 0;
            for (float value : gradient) {
              largest = Math.max(largest, Math.abs(value));
            }
            assertTrue(largest > 0, name + " has no gradient");
            assertArrayEquals(gradient, written.get(name), (float) (2e-4 * largest + 2e-6), name);
          });
    }
  }

  private static Map<String, float[]> gradients(
      TorchScriptLibrary scripts,
      TrainingConfig config,
      TrainerState state,
      Derivatives derivatives) {
    StepSettings settings = TrainingSchedules.of(config.schedule(), config.batchImages()).at(STEP);
    return new TrainingStep(config, scripts, state, derivatives)
        .gradients(RandomBatches.of(config, STEP), settings, new SplittableRandom(STEP));
  }
}
