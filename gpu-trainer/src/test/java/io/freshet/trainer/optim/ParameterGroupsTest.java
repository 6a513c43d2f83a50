package io.freshet.trainer.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

  private final ParameterGroups groups = ParameterGroups.of(NAMES, 1, CONFIG);

  @Test
  void parametersOfOneRoleLieTogether() {
    assertEquals(
        List.of(NAMES.get(0), NAMES.get(1), NAMES.get(3), NAMES.get(2), NAMES.get(4)),
        groups.names());
    assertEquals(List.of(1, 2, 1, 1), groups.groups().stream().map(g -> g.names().size()).toList());
  }

  @Test
  void schedulesApplyByRole() {
    StepSettings settings = new StepSettings(1.0, 0.0, 0.1, 0.99, 0.04);
    List<ParameterRole> roles = groups.groups().stream().map(ParameterGroup::role).toList();
    assertEquals(
        List.of(0.25 * 0.2, 0.5, 0.5, 0.0),
        roles.stream().map(role -> role.learningRate(settings)).toList());
    assertEquals(
        List.of(0.1, 0.0, 0.1, 0.1),
        roles.stream().map(role -> role.weightDecay(settings)).toList());
  }

  @Test
  void normsOfParametersMakeThoseOfModules() {
    assertEquals(
        Map.of("backbone", 5.0, "dino_head", 2.0), groups.moduleNorms(new float[] {3, 0, 0, 4, 2}));
    assertTrue(groups.moduleNorms(new float[] {3, Float.NaN, 0, 4, 2}).get("backbone").isNaN());
    assertThrows(IllegalArgumentException.class, () -> groups.moduleNorms(new float[4]));
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
