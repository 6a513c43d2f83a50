package io.freshet.deploy.bench;

import io.freshet.trainer.step.StepResult;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** Says every few seconds how far a training is and how long it will still take. */
final class TrainingProgress {
  private static final Duration EVERY = Duration.ofSeconds(15);

  private final PrintWriter out;
  private final String training;
  private final long steps;
  private final int batchImages;
  private final long start = System.nanoTime();
  private long said = start;

  /**
   * @param training starts each line
   * @param steps of the whole training
   */
  TrainingProgress(PrintWriter out, String training, long steps, int batchImages) {
    this.out = out;
    this.training = training;
    this.steps = steps;
    this.batchImages = batchImages;
  }

  void stepped(StepResult result) {
    long now = System.nanoTime();
    if (now - said < EVERY.toNanos()) {
      return;
    }
    said = now;
    long done = result.step() + 1;
    double perStep = (now - start) / 1e9 / done;
    out.println(
        String.format(
            Locale.ROOT,
            "%s, step %d of %d: loss %.3f, target entropy %.2f of %.2f, %.1f images/s, %.0f s left",
            training,
            done,
            steps,
            result.totalLoss(),
            result.targets().get("target_entropy"),
            result.targets().get("mean_target_entropy"),
            batchImages / perStep,
            perStep * (steps - done)));
    out.flush();
  }
}
