package io.freshet.trainer.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.masking.TokenMasks;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.trainer.testing.RandomBatches;
import io.freshet.trainer.testing.TinyRecipe;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DistillationStepTest {
  private static final TorchScriptLibrary SCRIPTS = TrainerScripts.load(TorchRuntime.start());
  private static final StepSettings SETTINGS = new StepSettings(1e-3, 1e-3, 0.04, 0.9, 0.05);

  private static TrainingConfig small(TrainingConfig teacher, int depth, int width) {
    return new TrainingConfig(
        teacher.batchImages(),
        new ModelConfig(8, width, depth, 2, Ffn.MLP, 2, 0.5, 0),
        teacher.crops(),
        teacher.augmentation(),
        teacher.losses(),
        teacher.optimizer(),
        teacher.schedule());
  }

  private static TrainerState begin(TrainingConfig config, long seed) {
    return TrainerState.begin(SCRIPTS.runtime().newManager(), config, seed);
  }

  private static StepSnapshot teacher(TrainingConfig config) {
    try (TrainerState state = begin(config, 3)) {
      return state.snapshot();
    }
  }

  /** Random crops of {@code config} without masks, all of whose patches take part. */
  private static TrainingBatch batch(TrainingConfig config, long seed, float factor) {
    int patches = config.globalGrid() * config.globalGrid();
    return RandomBatches.of(
        config, seed, factor, TokenMasks.all(2 * config.batchImages(), patches));
  }

  @ParameterizedTest
  @CsvSource({"SOFTMAX,true,2", "SOFTMAX,false,0", "SINKHORN_KNOPP,true,2"})
  void everyStudentMovesAsIfItWereAloneWithTheTeacher(
      Centering centering, boolean separate, int locals) {
    TrainingConfig recipe = TinyRecipe.of(centering, separate, locals);
    List<TrainingConfig> recipes = List.of(small(recipe, 1, 16), small(recipe, 2, 24));
    StepSnapshot trained = teacher(recipe);
    try (FrozenTeacher frozen =
            new FrozenTeacher(SCRIPTS, recipe.losses(), recipe.backbone(), trained);
        TrainerState first = begin(recipes.get(0), 7);
        TrainerState second = begin(recipes.get(1), 8)) {
      DistillationStep together =
          new DistillationStep(
              SCRIPTS,
              frozen,
              List.of(
                  new DistillationStep.Student(recipes.get(0), first),
                  new DistillationStep.Student(recipes.get(1), second)));
      List<StepSnapshot> starts = List.of(first.snapshot(), second.snapshot());
      List<List<StepResult>> results =
          List.of(
              together.run(batch(recipe, 1, 1), SETTINGS),
              together.run(batch(recipe, 2, 1), SETTINGS));
      List<StepSnapshot> ends = List.of(first.snapshot(), second.snapshot());
      for (int i = 0; i < 2; i++) {
        assertAlone(recipes.get(i), recipe, trained, starts.get(i), results, i, ends.get(i));
      }
    }
  }

  private static void assertAlone(
      TrainingConfig student,
      TrainingConfig teacher,
      StepSnapshot trained,
      StepSnapshot start,
      List<List<StepResult>> results,
      int which,
      StepSnapshot end) {
    try (FrozenTeacher frozen =
            new FrozenTeacher(SCRIPTS, teacher.losses(), teacher.backbone(), trained);
        TrainerState alone = TrainerState.restore(SCRIPTS.runtime().newManager(), start)) {
      DistillationStep step =
          new DistillationStep(
              SCRIPTS, frozen, List.of(new DistillationStep.Student(student, alone)));
      for (int i = 0; i < results.size(); i++) {
        assertEquals(
            step.run(batch(teacher, 1 + i, 1), SETTINGS).get(0), results.get(i).get(which));
      }
      for (String part :
          List.of(StepSnapshot.STUDENT, StepSnapshot.TEACHER, StepSnapshot.EXP_AVG_SQ)) {
        assertEquals(alone.snapshot().under(part), end.under(part), part);
      }
    }
  }

  @Test
  void aStepThatIsNotFiniteChangesNoStudent() {
    TrainingConfig recipe = TinyRecipe.of(Centering.SINKHORN_KNOPP, true, 2);
    TrainingConfig small = small(recipe, 1, 16);
    try (FrozenTeacher frozen =
            new FrozenTeacher(SCRIPTS, recipe.losses(), recipe.backbone(), teacher(recipe));
        TrainerState state = begin(small, 7)) {
      DistillationStep step =
          new DistillationStep(
              SCRIPTS, frozen, List.of(new DistillationStep.Student(small, state)));
      Map<String, StateTensor> before = state.snapshot().tensors();
      assertTrue(step.run(batch(recipe, 1, Float.NaN), SETTINGS).get(0).skipped());
      assertEquals(before, state.snapshot().tensors());
      assertFalse(step.run(batch(recipe, 1, 1), SETTINGS).get(0).skipped());
    }
  }

  @Test
  void nativeTensorsDoNotAccumulate() {
    TrainingConfig recipe = TinyRecipe.of(Centering.SOFTMAX, true, 2);
    TrainingConfig small = small(recipe, 1, 16);
    try (FrozenTeacher frozen =
            new FrozenTeacher(SCRIPTS, recipe.losses(), recipe.backbone(), teacher(recipe));
        TrainerState state = begin(small, 7)) {
      DistillationStep step =
          new DistillationStep(
              SCRIPTS, frozen, List.of(new DistillationStep.Student(small, state)));
      step.run(batch(recipe, 1, 1), SETTINGS);
      NDManager manager = state.student().get("backbone.norm.weight").getManager();
      int held = manager.getManagedArrays().size();
      for (int i = 0; i < 10; i++) {
        step.run(batch(recipe, i, 1), SETTINGS);
      }
      assertEquals(held, manager.getManagedArrays().size());
    }
  }
}
