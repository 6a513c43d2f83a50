package io.freshet.trainer.branch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.release.OnnxExport;
import io.freshet.trainer.release.ReleaseExporter;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.step.TrainingStep;
import io.freshet.trainer.testing.NoiseReplay;
import io.freshet.trainer.testing.RandomBatches;
import io.freshet.trainer.testing.TinyRecipe;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReleaseBranchesTest {
  private static final TorchScriptLibrary SCRIPTS = TrainerScripts.load(TorchRuntime.start());
  private static final TrainingConfig RECIPE = TinyRecipe.of(Centering.SOFTMAX, true, 2);
  private static final TrainingSchedules SCHEDULES =
      TrainingSchedules.of(RECIPE.schedule(), RECIPE.batchImages());
  private static final CooldownConfig NO_COOLDOWN = new CooldownConfig(0);
  private static final HighResolutionConfig LOW = new HighResolutionConfig(0, 518, 98, 0.1);
  private static final DistillationConfig ALONE = new DistillationConfig(0, 1, List.of());
  private static final StudentConfig SMALL = new StudentConfig("small", 16, 1, 2, Ffn.MLP);
  private static final StudentConfig THIN = new StudentConfig("thin", 24, 2, 2, Ffn.SWIGLU);

  @TempDir private Path dir;
  private NoiseReplay replay;
  private StepSnapshot trunk;

  @BeforeEach
  void trainATrunk() {
    replay = new NoiseReplay(dir.resolve("blobs"));
    trunk = trained(4);
  }

  @AfterEach
  void close() {
    replay.close();
  }

  private static StepSnapshot trained(int steps) {
    try (TrainerState state = TrainerState.begin(SCRIPTS.runtime().newManager(), RECIPE, 5)) {
      train(state, steps, () -> {});
      return state.snapshot();
    }
  }

  private static void train(TrainerState state, int steps, Runnable afterStep) {
    TrainingStep step = new TrainingStep(RECIPE, SCRIPTS, state);
    for (int i = 0; i < steps; i++) {
      long at = state.step();
      step.run(RandomBatches.of(RECIPE, at), SCHEDULES.at(at), new SplittableRandom(at));
      afterStep.run();
    }
  }

  private static ReleaseBranches branches(
      CooldownConfig cooldown, HighResolutionConfig high, DistillationConfig distillation) {
    return new ReleaseBranches(SCRIPTS, "big", RECIPE, SCHEDULES, cooldown, high, distillation);
  }

  private ReleaseBranches.Models make(ReleaseBranches branches) throws InterruptedException {
    return branches.make(
        trunk, replay.at(trunk.step(), 5), ReleaseBranches.EarlierStudents.NONE, BranchWatch.NONE);
  }

  @Test
  void withoutBranchesTheTrunkItselfIsReleased() throws InterruptedException {
    BranchedModel teacher = make(branches(NO_COOLDOWN, LOW, ALONE)).teacher();
    assertEquals(new BranchedModel("big", RECIPE.backbone(), trunk, List.of()), teacher);
  }

  @Test
  void aCooldownGoesOnFromTheTrunkAndDependsOnSeedAndStepAlone() throws InterruptedException {
    ReleaseBranches branches = branches(new CooldownConfig(3), LOW, ALONE);
    BranchedModel teacher = make(branches).teacher();
    assertEquals(trunk.step() + 3, teacher.state().step());
    assertEquals(trunk.imagesSeen() + 3L * RECIPE.batchImages(), teacher.state().imagesSeen());
    assertEquals(List.of("cooldown, 3 steps"), teacher.branches());
    assertNotEquals(
        trunk.get("teacher.backbone.cls_token"), teacher.state().get("teacher.backbone.cls_token"));
    assertEquals(teacher, make(branches).teacher());
    BranchedModel otherSeed =
        branches
            .make(
                trunk,
                replay.at(trunk.step(), 6),
                ReleaseBranches.EarlierStudents.NONE,
                BranchWatch.NONE)
            .teacher();
    assertNotEquals(teacher.state(), otherSeed.state());
  }

  @Test
  void aTrunkTrainsTheSameBitsWhetherABranchRunsBesideItOrNot() throws Exception {
    StepSnapshot alone = trained(12);
    ReleaseBranches branches =
        branches(
            new CooldownConfig(4),
            new HighResolutionConfig(4, 48, 24, 0.5),
            new DistillationConfig(4, 1, List.of(SMALL, THIN)));
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (TrainerState state = TrainerState.restore(SCRIPTS.runtime().newManager(), trunk)) {
      CountDownLatch branching = new CountDownLatch(1);
      Future<ReleaseBranches.Models> models =
          thread.submit(
              () ->
                  branches.make(
                      trunk,
                      replay.at(trunk.step(), 5),
                      ReleaseBranches.EarlierStudents.NONE,
                      (branch, step, steps) -> branching.countDown()));
      branching.await();
      train(state, 8, () -> {});
      assertEquals(alone, state.snapshot());
      assertEquals(make(branches), models.get());
    } finally {
      thread.shutdown();
    }
  }

  @Test
  void highResolutionGivesTheTeacherTheLargerGridThatExportsCarry() throws Exception {
    BranchedModel teacher =
        make(branches(NO_COOLDOWN, new HighResolutionConfig(2, 48, 24, 0.5), ALONE)).teacher();
    assertEquals(48, teacher.backbone().imageSize());
    assertEquals(
        List.of(1L, 1 + 36L, 32L), teacher.state().get("teacher.backbone.pos_embed").shape());
    assertEquals(List.of("high resolution, 48 px, 2 steps"), teacher.branches());
    Path model = Files.createDirectories(dir.resolve("model"));
    HuggingFaceDirectory.write(
        model,
        teacher.backbone(),
        ReleaseExporter.teacherBackbone(teacher),
        Preprocessing.imageNet(48, 48));
    assertEquals(48, HuggingFaceDirectory.config(model).imageSize());
    assertTrue(
        OnnxExport.export(teacher.backbone(), ReleaseExporter.teacherBackbone(teacher))
                .getGraph()
                .getNodeCount()
            > 0);
  }

  @Test
  void aResampledGridIsWhatTheForwardPassComputedBefore() {
    VisionTransformerConfig target = RECIPE.backbone().withImageSize(48);
    StateTensor embedding = trunk.get("teacher.backbone.pos_embed");
    PositionGrid grid = new PositionGrid(SCRIPTS);
    assertEquals(embedding, grid.resample(embedding, RECIPE.backbone()));
    float[] flat = new float[embedding.floats().length];
    Arrays.fill(flat, 2);
    float[] resampled = grid.resample(StateTensor.of(flat, embedding.dims()), target).floats();
    assertEquals(37 * 32, resampled.length);
    for (float value : resampled) {
      assertEquals(2, value, 1e-5);
    }
  }

  @Test
  void studentsLearnTogetherAndGoOnFromTheirLastRelease() throws InterruptedException {
    ReleaseBranches branches =
        branches(NO_COOLDOWN, LOW, new DistillationConfig(2, 1, List.of(SMALL, THIN)));
    ReleaseBranches.Models models = make(branches);
    assertEquals(
        List.of("big", "small", "thin"), models.all().stream().map(BranchedModel::model).toList());
    BranchedModel small = models.students().get(0);
    assertEquals(16, small.backbone().embedDim());
    assertEquals(List.of("distillation, 2 steps"), small.branches());
    assertEquals(2L * RECIPE.batchImages(), small.state().imagesSeen());
    List<String> asked = new ArrayList<>();
    BranchedModel again =
        branches
            .make(
                trunk,
                replay.at(trunk.step(), 5),
                (model, recipe) -> {
                  asked.add(model + " " + recipe.backbone().embedDim());
                  return model.equals("small") ? Optional.of(small.state()) : Optional.empty();
                },
                BranchWatch.NONE)
            .students()
            .get(0);
    assertEquals(List.of("small 16", "thin 24"), asked);
    assertEquals(4L * RECIPE.batchImages(), again.state().imagesSeen());
    assertNotEquals(small.state(), again.state());
  }

  @Test
  void aBranchThatIsNotFiniteFailsNamingIt() {
    StateTensor token = trunk.get("student.backbone.cls_token");
    float[] broken = token.floats();
    broken[0] = Float.NaN;
    trunk = trunk.with(Map.of("student.backbone.cls_token", StateTensor.of(broken, token.dims())));
    ReleaseBranches branches = branches(new CooldownConfig(3), LOW, ALONE);
    BranchFailedException failure = assertThrows(BranchFailedException.class, () -> make(branches));
    assertTrue(failure.getMessage().contains("step 0 of the branch cooldown"), failure::getMessage);
  }

  @Test
  void aBranchIsLeftBetweenTwoStepsWhenTheWatchSaysSo() {
    List<Long> begun = new ArrayList<>();
    ReleaseBranches branches = branches(new CooldownConfig(100), LOW, ALONE);
    assertThrows(
        BranchStoppedException.class,
        () ->
            branches.make(
                trunk,
                replay.at(trunk.step(), 5),
                ReleaseBranches.EarlierStudents.NONE,
                (branch, step, steps) -> {
                  if (step == 2) {
                    throw new BranchStoppedException(branch);
                  }
                  begun.add(step);
                }));
    assertEquals(List.of(0L, 1L), begun);
  }

  @Test
  void refusesLargeCropsThatPatchesDoNotFill() {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> new HighResolutionConfig(1, 50, 24, 1).recipe(RECIPE, 10));
    assertTrue(refusal.getMessage().contains("write 48 or 56"), refusal.getMessage());
  }
}
