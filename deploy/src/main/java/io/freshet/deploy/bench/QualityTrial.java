package io.freshet.deploy.bench;

import io.freshet.deploy.bench.QualityRun.Accuracy;
import io.freshet.trainer.evaluate.EvaluationConfig;
import io.freshet.trainer.evaluate.ModelMeasures;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Trains one recipe on one set, seed after seed, and reads the accuracy at given numbers of images
 * seen. Another thread makes the batches, one ahead.
 */
final class QualityTrial {
  private final TrainingConfig recipe;
  private final EvaluationConfig evaluation;
  private final QualitySet.Content content;
  private final ModelMeasures measures;
  private final TorchScriptLibrary scripts;
  private final PrintWriter out;

  /**
   * @param scripts stays the caller's
   * @param out gets a line every few seconds
   */
  QualityTrial(
      TrainingConfig recipe,
      EvaluationConfig evaluation,
      QualitySet.Content content,
      TorchScriptLibrary scripts,
      PrintWriter out) {
    this.recipe = recipe;
    this.evaluation = evaluation;
    this.content = content;
    this.measures = new ModelMeasures(content.evaluations(), evaluation);
    this.scripts = scripts;
    this.out = out;
  }

  ModelMeasures measures() {
    return measures;
  }

  /**
   * A training from new parameters to the last of the readings.
   *
   * @param readings images seen; each is taken after the first step that reaches it
   */
  NavigableMap<Long, Accuracy> train(long seed, NavigableSet<Long> readings) {
    NavigableMap<Long, Accuracy> read = new TreeMap<>();
    CropFeed feed = new CropFeed(recipe, content.train(), seed);
    long steps = stepsTo(readings.last(), recipe);
    ExecutorService maker = Executors.newSingleThreadExecutor();
    try (QualityRun run = new QualityRun(recipe, scripts, seed)) {
      TrainingProgress progress =
          new TrainingProgress(out, "seed " + seed, steps, recipe.batchImages());
      CompletableFuture<TrainingBatch> ahead = made(feed, 0, maker);
      while (true) {
        for (long at : readings) {
          if (stepsTo(at, recipe) == run.step()) {
            Accuracy accuracy = run.measure(measures, evaluation);
            read.put(at, accuracy);
            say("seed %d, %,d images: k-NN %s", seed, at, shown(accuracy));
          }
        }
        if (run.step() == steps) {
          return read;
        }
        TrainingBatch batch = ahead.join();
        ahead = made(feed, run.step() + 1, maker);
        progress.stepped(run.train(batch));
      }
    } finally {
      maker.shutdownNow();
    }
  }

  private static CompletableFuture<TrainingBatch> made(
      CropFeed feed, long step, ExecutorService maker) {
    return CompletableFuture.supplyAsync(() -> feed.batch(step), maker);
  }

  /** The steps that it takes to see as many images. */
  static long stepsTo(long images, TrainingConfig recipe) {
    return (images + recipe.batchImages() - 1) / recipe.batchImages();
  }

  private static String shown(Accuracy accuracy) {
    StringBuilder text = new StringBuilder();
    accuracy
        .percent()
        .forEach(
            (dataset, percent) ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "%s%s %.1f %% (less mean %.1f %%)",
                        text.isEmpty() ? "" : ", ",
                        dataset,
                        percent,
                        accuracy.centredPercent().get(dataset))));
    return text.toString();
  }

  private void say(String format, Object... arguments) {
    out.println(String.format(Locale.ROOT, format, arguments));
    out.flush();
  }
}
