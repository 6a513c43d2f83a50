package io.freshet.trainer.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.trainer.checkpoint.TensorFile;
import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.testing.RandomBatches;
import io.freshet.trainer.testing.TinyRecipe;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.model.VisionTransformer;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * That memory outside the heap stays flat: each step trains, embeds with a model of its own, and
 * now and then a snapshot is taken and restored. Resident memory holds the heap too; run the long
 * one with {@code -DargLine="-Xms512m -Xmx512m -XX:+AlwaysPreTouch"} so that the heap can't grow.
 */
class NativeMemoryTest {
  private static final TorchScriptLibrary SCRIPTS = TrainerScripts.load(TorchRuntime.start());
  private static final TrainingConfig RECIPE = TinyRecipe.of(Centering.SINKHORN_KNOPP, true, 2);
  private static final int BATCHES = 8;
  private static final int SNAPSHOT_EVERY = 100;

  /** The heap is not pinned and may still grow; a graph of a step that leaks takes more. */
  private static final long SHORT_BOUND_MIB = 256;

  private static final long LONG_BOUND_MIB = 24;

  @Test
  void staysFlatOverThreeHundredSteps() throws IOException {
    // The first 300 fill the young generation of the heap.
    List<Long> resident = residentMib(600, 100);
    print(resident);
    assertGrowthBelow(SHORT_BOUND_MIB, resident.get(2), resident.get(5));
  }

  @Tag("slow")
  @Test
  void staysFlatOverTenThousandSteps() throws IOException {
    List<Long> resident = residentMib(10_000, 1000);
    print(resident);
    assertGrowthBelow(LONG_BOUND_MIB, resident.get(1), resident.get(9));
  }

  private static void assertGrowthBelow(long boundMib, long from, long to) {
    assertTrue(to - from < boundMib, "resident memory went from %d to %d MiB".formatted(from, to));
  }

  private static void print(List<Long> resident) {
    System.out.printf(Locale.ROOT, ">>> resident MiB: %s%n", resident);
  }

  /** Resident memory after each {@code every} steps. */
  private static List<Long> residentMib(int steps, int every) throws IOException {
    List<TrainingBatch> batches = new ArrayList<>();
    for (int i = 0; i < BATCHES; i++) {
      batches.add(RandomBatches.of(RECIPE, i));
    }
    TrainingSchedules schedules = TrainingSchedules.of(RECIPE.schedule(), RECIPE.batchImages());
    List<Long> resident = new ArrayList<>();
    TrainerState state = TrainerState.begin(SCRIPTS.runtime().newManager(), RECIPE, 1);
    NDArray parameter = state.student().get("backbone.norm.weight");
    int held = parameter.getManager().getManagedArrays().size();
    TrainingStep step = new TrainingStep(RECIPE, SCRIPTS, state);
    for (int i = 0; i < steps; i++) {
      TrainingBatch batch = batches.get(i % BATCHES);
      step.run(batch, schedules.at(i), new SplittableRandom(i));
      embed(state, batch);
      if (i % SNAPSHOT_EVERY == SNAPSHOT_EVERY - 1) {
        assertEquals(
            held,
            state.student().get("backbone.norm.weight").getManager().getManagedArrays().size());
        StepSnapshot snapshot = state.snapshot();
        state.close();
        state = TrainerState.restore(SCRIPTS.runtime().newManager(), snapshot);
        step = new TrainingStep(RECIPE, SCRIPTS, state);
      }
      if ((i + 1) % every == 0) {
        resident.add(residentMib());
      }
    }
    state.close();
    return resident;
  }

  /** What a release is measured with: a model of the teacher's weights that lives for one use. */
  private static void embed(TrainerState state, TrainingBatch batch) {
    try (NDManager scope = SCRIPTS.runtime().newManager();
        VisionTransformer model =
            VisionTransformer.of(
                SCRIPTS,
                RECIPE.backbone(),
                TensorFile.stateDict(state.snapshot().tensors()).under("teacher.backbone."))) {
      NDArray pixels = Tensors.of(scope, batch.globals(), batch.globalShape());
      NDArray cls = model.forwardFeatures(scope, GradMode.NO_GRAD, pixels).clsToken();
      assertEquals(batch.globalShape()[0], cls.getShape().get(0));
    }
  }

  private static long residentMib() throws IOException {
    String line =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(each -> each.startsWith("VmRSS:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
  }
}
