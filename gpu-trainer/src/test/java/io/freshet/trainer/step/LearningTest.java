package io.freshet.trainer.step;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.testing.PhotoSquares;
import io.freshet.trainer.testing.PhotoSquares.Square;
import io.freshet.trainer.testing.PhotoTraining;
import io.freshet.trainer.testing.Recipes;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * That the method learns: with the demo's recipe, the features of photographs that it never saw
 * become better. -Dseed and -Dsteps try others.
 */
@Tag("slow")
class LearningTest {

  private static final long SEED = Long.getLong("seed", 11);
  private static final int STEPS = Integer.getInteger("steps", 150);
  private static final int REPORT_EVERY = 25;

  private final TorchScriptLibrary scripts = TrainerScripts.load(TorchRuntime.start());
  private final TrainingConfig config = Recipes.demo();
  private final PhotoTraining photos = new PhotoTraining(scripts, config);

  @Test
  void neighboursOfUnseenPhotographsImproveWithinAFewThousandImages() throws Exception {
    List<Square> train = PhotoSquares.read("train");
    List<Square> eval = PhotoSquares.read("eval");
    TrainingSchedules schedules = TrainingSchedules.of(config.schedule(), config.batchImages());
    try (TrainerState state = TrainerState.begin(scripts.runtime().newManager(), config, SEED)) {
      TrainingStep step = new TrainingStep(config, scripts, state);
      double untrained = photos.top1(state, train, eval);
      print("seed %d, step 0: k-NN %.1f %%", SEED, 100 * untrained);
      Random order = new Random(SEED);
      List<Square> queue = new ArrayList<>();
      long computing = 0;
      long cutting = 0;
      for (int i = 0; i < STEPS; i++) {
        if (queue.size() < config.batchImages()) {
          List<Square> epoch = new ArrayList<>(train);
          Collections.shuffle(epoch, order);
          queue.addAll(epoch);
        }
        long start = System.nanoTime();
        SplittableRandom random = new SplittableRandom(SEED * 1_000_003 + i);
        TrainingBatch batch = photos.batch(queue.subList(0, config.batchImages()), random);
        queue.subList(0, config.batchImages()).clear();
        long cut = System.nanoTime();
        StepResult result = step.run(batch, schedules.at(state.step()), random);
        cutting += cut - start;
        computing += System.nanoTime() - cut;
        if ((i + 1) % REPORT_EVERY == 0) {
          print(
              "step %d, %d images: losses %s, target entropies %s, k-NN %.1f %%, %.0f ms a step, %.0f ms augmentation",
              i + 1,
              result.imagesSeen(),
              result.losses(),
              result.targets(),
              100 * photos.top1(state, train, eval),
              computing / 1e6 / REPORT_EVERY,
              cutting / 1e6 / REPORT_EVERY);
          computing = 0;
          cutting = 0;
        }
      }
      double trained = photos.top1(state, train, eval);
      assertTrue(
          trained >= untrained + 0.05 && trained >= 0.47,
          "k-NN went from %.3f to %.3f in %d steps".formatted(untrained, trained, STEPS));
    }
  }

  private static void print(String format, Object... arguments) {
    System.out.println(">>> " + String.format(Locale.ROOT, format, arguments));
  }
}
