package io.freshet.trainer.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.branch.BranchedModel;
import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.loss.DinoConfig;
import io.freshet.trainer.loss.HeadConfig;
import io.freshet.trainer.loss.LossConfig;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.trainer.step.ModelConfig;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.step.TrainingStep;
import io.freshet.trainer.testing.RandomBatches;
import io.freshet.trainer.testing.ReleaseConfigs;
import io.freshet.trainer.testing.TinyRecipe;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContinuationTest {
  private static final TorchScriptLibrary SCRIPTS = TrainerScripts.load(TorchRuntime.start());
  private static final TrainingConfig RECIPE = TinyRecipe.of(Centering.SOFTMAX, true, 2);
  private static final StepSettings SETTINGS = new StepSettings(1e-3, 1e-3, 0.04, 0.9, 0.05);

  @TempDir private Path dir;

  private static StepSnapshot trained() {
    try (TrainerState state = TrainerState.begin(SCRIPTS.runtime().newManager(), RECIPE, 5)) {
      for (int i = 0; i < 3; i++) {
        step(state, i);
      }
      return state.snapshot();
    }
  }

  private static StepResult step(TrainerState state, long seed) {
    return new TrainingStep(RECIPE, SCRIPTS, state)
        .run(RandomBatches.of(RECIPE, seed), SETTINGS, new SplittableRandom(seed));
  }

  private Path release(StepSnapshot snapshot, boolean trainingState) throws IOException {
    ReleaseContent content =
        new ReleaseContent(
            "run-1",
            new BranchedModel("freshet", RECIPE.backbone(), snapshot, List.of()),
            snapshot,
            snapshot.step(),
            List.of(),
            Map.of(),
            List.of(),
            Map.of(),
            List.of(),
            Optional.empty(),
            ReleaseEvidence.NONE);
    return new ReleaseExporter(
            ReleaseConfigs.plain(1, 1, dir.resolve("staging"), trainingState),
            Preprocessing.imageNet(32, 32),
            Clock.systemUTC())
        .stage(content)
        .dir();
  }

  private static Continuation.Start read(Path release, TrainingConfig recipe) throws IOException {
    return new Continuation(SCRIPTS, recipe, 9).read(release);
  }

  private static TrainingConfig with(ModelConfig model, LossConfig losses, int globalSize) {
    return new TrainingConfig(
        RECIPE.batchImages(),
        model,
        RECIPE.crops().withSizes(globalSize, RECIPE.crops().localSize()),
        RECIPE.augmentation(),
        losses,
        RECIPE.optimizer(),
        RECIPE.schedule());
  }

  @Test
  void theFirstStepsEqualThoseThatTheOldRunTakes() throws IOException {
    StepSnapshot snapshot = trained();
    Continuation.Start start = read(release(snapshot, true), RECIPE);
    assertEquals(3, start.releasedStep());
    assertEquals(0, start.state().step());
    try (TrainerState old = TrainerState.restore(SCRIPTS.runtime().newManager(), snapshot);
        TrainerState fresh = TrainerState.restore(SCRIPTS.runtime().newManager(), start.state())) {
      for (int i = 0; i < 2; i++) {
        StepResult expected = step(old, 10 + i);
        StepResult actual = step(fresh, 10 + i);
        assertEquals(expected.losses(), actual.losses());
        assertEquals(expected.gradientNorms(), actual.gradientNorms());
        assertEquals(i, actual.step());
      }
      assertEquals(old.snapshot().tensors(), fresh.snapshot().tensors());
    }
  }

  @Test
  void aBackboneAloneGetsHeadsOfItsOwn() throws IOException {
    StepSnapshot snapshot = trained();
    StepSnapshot start = read(release(snapshot, false), RECIPE).state();
    for (String name : RECIPE.backbone().parameterShapes().keySet()) {
      assertEquals(
          snapshot.get("teacher.backbone." + name), start.get("student.backbone." + name), name);
      assertEquals(
          snapshot.get("teacher.backbone." + name), start.get("teacher.backbone." + name), name);
    }
    assertNotEquals(
        snapshot.get("teacher.dino_head.mlp.0.weight"),
        start.get("teacher.dino_head.mlp.0.weight"));
    assertEquals(0, start.get(StepSnapshot.UPDATES).floats()[0]);
  }

  @Test
  void aLargerGridIsResampledAndItsMomentsBeginAnew() throws IOException {
    TrainingConfig large = with(RECIPE.model(), RECIPE.losses(), 48);
    StepSnapshot start = read(release(trained(), true), large).state();
    assertEquals(List.of(1L, 37L, 32L), start.get("teacher.backbone.pos_embed").shape());
    for (float moment : start.get("exp_avg_sq.backbone.pos_embed").floats()) {
      assertEquals(0, moment);
    }
  }

  @Test
  void namesEveryKeyOfTheModelThatDiffers() throws IOException {
    Path release = release(trained(), true);
    ModelConfig model = RECIPE.model();
    TrainingConfig other =
        with(new ModelConfig(8, 64, 3, 4, model.ffn(), 2, 0.5, 0.4), RECIPE.losses(), 32);
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> read(release, other));
    for (String part :
        List.of(
            "trainer.recipe.model.embed_dim is 32 there, 64 here",
            "trainer.recipe.model.depth is 2 there, 3 here")) {
      assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
  }

  @Test
  void namesEveryTensorOfTheHeadsThatDiffers() throws IOException {
    Path release = release(trained(), true);
    LossConfig losses = RECIPE.losses();
    LossConfig wider =
        new LossConfig(
            losses.centering(),
            losses.sinkhornIterations(),
            losses.centerMomentum(),
            losses.studentTemperature(),
            losses.koleoWeight(),
            new DinoConfig(1, new HeadConfig(48, 20, 12, 3)),
            losses.ibot());
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class, () -> read(release, with(RECIPE.model(), wider, 32)));
    for (String part :
        List.of(
            "student.dino_head.last_layer.weight_v is [24, 12] there, [48, 12] here",
            "center.dino is [1, 24] there, [1, 48] here")) {
      assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
  }
}
