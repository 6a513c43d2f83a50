package io.freshet.trainer.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.trainer.schedule.StepSettings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ParameterGroupsTest {

  private static final OptimizerConfig CONFIG =
      new OptimizerConfig(0.9, 0.999, 1e-8, 3.0, 0.5, 0.2);
  private static final List<String> NAMES =
      List.of(
          "backbone.patch_embed.proj.weight",
          "backbone.blocks.0.norm1.weight",
          "backbone.blocks.0.mlp.fc1.weight",
          "backbone.blocks.0.norm1.bias",
          "dino_head.last_layer.weight_v");

  @Test
  void parametersOfOneRoleLieTogether() {
    ParameterGroups groups = ParameterGroups.of(NAMES, 1, CONFIG);
    assertEquals(
        List.of(NAMES.get(0), NAMES.get(1), NAMES.get(3), NAMES.get(2), NAMES.get(4)),
        groups.names());
    assertEquals(List.of("backbone", "dino_head"), groups.modules());
    assertArrayEquals(new int[] {4}, groups.positions("dino_head"));
  }

  @Test
  void tableHoldsSizeLearningRateDecayAndClipOfEachGroup() {
    StepSettings settings = new StepSettings(1.0, 0.0, 0.1, 0.99, 0.04);
    double[] table =
        ParameterGroups.of(NAMES, 1, CONFIG)
            .table(settings, Map.of("backbone", 0.5, "dino_head", 1.0));
    assertArrayEquals(
        new double[] {
          1,
          0.25 * 0.2,
          0.1,
          0.5, //
          2,
          0.5,
          0,
          0.5, //
          1,
          0.5,
          0.1,
          0.5, //
          1,
          0,
          0.1,
          1
        },
        table,
        1e-15);
  }

  @Test
  void clipsOnlyAboveTheLimit() {
    assertEquals(1, CONFIG.clipCoefficient(2.9));
    assertEquals(0.5, CONFIG.clipCoefficient(6), 1e-6);
    assertEquals(1, new OptimizerConfig(0.9, 0.999, 1e-8, 0, 1, 1).clipCoefficient(1e9));
  }

  @Test
  void refusesAParameterOutsideAnyModule() {
    assertThrows(IllegalArgumentException.class, () -> ParameterRole.of("weight", 1, CONFIG));
  }
}
