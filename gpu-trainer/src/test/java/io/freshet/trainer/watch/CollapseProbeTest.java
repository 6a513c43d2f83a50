package io.freshet.trainer.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDManager;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import org.junit.jupiter.api.Test;

class CollapseProbeTest {
  private static final TorchScriptLibrary SCRIPTS = TrainerScripts.load(TorchRuntime.start());

  @Test
  void theEffectiveRankCountsTheDimensionsThatAreUsed() {
    // Singular values (2, 2, 2), (3, 0, 0) and (3, 1, 0): the last has entropy 0.5623.
    assertEquals(3, rank(new float[] {2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0}), 1e-4);
    assertEquals(1, rank(new float[] {3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), 1e-4);
    assertEquals(Math.exp(0.562335), rank(new float[] {3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}), 1e-4);
  }

  private static double rank(float[] rows) {
    try (NDManager scope = SCRIPTS.runtime().newManager()) {
      return SCRIPTS
          .call(
              scope,
              GradMode.NO_GRAD,
              "effective_rank",
              TorchValue.tensor(Tensors.of(scope, rows, 4, 3)))
          .tensor()
          .getFloat();
    }
  }
}
