package io.freshet.trainer.evaluate.probe;

import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.LabelledFeatures;
import io.freshet.trainer.evaluate.probe.LogisticRegression.Fit;
import io.freshet.trainer.evaluate.probe.LogisticRegression.Precision;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Logistic regression whose C is the one of 45 that is best on a held-out tenth of the training
 * images; then all of them are fitted with it. As {@code dinov2/eval/log_regression.py}.
 */
public final class LogisticSweep {
  private static final int STEPS = 45;
  private static final double LOWEST_POWER = -6;
  private static final double HIGHEST_POWER = 5;

  /** 45 values from 1e-6 to 1e5, evenly spaced in their logarithm. */
  static final List<Double> GRID =
      IntStream.range(0, STEPS)
          .mapToObj(
              i -> Math.pow(10, LOWEST_POWER + i * (HIGHEST_POWER - LOWEST_POWER) / (STEPS - 1)))
          .toList();

  /** 12 of them, the powers of ten: a quarter of the work. */
  public static final List<Double> DECADES =
      IntStream.range(0, STEPS).filter(i -> i % 4 == 0).mapToObj(GRID::get).toList();

  private static final String PHASE = "logistic regression";

  private final TorchScriptLibrary library;
  private final List<Double> grid;
  private final long seed;
  private final EvaluationProgress progress;

  /**
   * @param library of {@link io.freshet.trainer.evaluate.torch.EvaluationScripts}; stays the
   *     caller's
   * @param seed chooses the held-out tenth
   */
  public LogisticSweep(TorchScriptLibrary library, long seed, EvaluationProgress progress) {
    this(library, GRID, seed, progress);
  }

  /**
   * @param grid values of C that are tried, ascending
   */
  public LogisticSweep(
      TorchScriptLibrary library, List<Double> grid, long seed, EvaluationProgress progress) {
    this.library = library;
    this.grid = List.copyOf(grid);
    this.seed = seed;
    this.progress = progress;
  }

  /**
   * What was chosen.
   *
   * @param c chosen: of equally accurate ones the one of the lowest loss
   * @param heldOutAccuracy of that C on the held-out tenth, 0..1
   * @param classifier fitted to all training images
   * @param unconverged fits of the sweep that ended before their minimum
   */
  public record Outcome(
      double c, double heldOutAccuracy, LinearClassifier classifier, int unconverged) {}

  /**
   * @param training at least 2 images
   * @param classes number of classes, above every label
   */
  public Outcome run(LabelledFeatures training, int classes) {
    HeldOut heldOut = HeldOut.of(training.size(), seed);
    LabelledFeatures chosenBy = training.rows(heldOut.chosenBy());
    Choice best = new Choice(grid.get(0), -1, Double.POSITIVE_INFINITY);
    int unconverged = 0;
    try (LogisticRegression regression =
        new LogisticRegression(library, training.rows(heldOut.training()), classes)) {
      Optional<Fit> last = Optional.empty();
      for (double c : grid) {
        progress.at(PHASE, grid.indexOf(c), grid.size() + 1);
        Fit fit = regression.fit(c, last, Precision.COMPARISON);
        last = Optional.of(fit);
        unconverged += fit.converged() ? 0 : 1;
        Choice choice = Choice.of(fit, chosenBy);
        best = choice.isBetterThan(best) ? choice : best;
      }
    }
    progress.at(PHASE, grid.size(), grid.size() + 1);
    try (LogisticRegression regression = new LogisticRegression(library, training, classes)) {
      LinearClassifier classifier = regression.fit(best.c()).classifier();
      progress.at(PHASE, grid.size() + 1, grid.size() + 1);
      return new Outcome(best.c(), best.accuracy(), classifier, unconverged);
    }
  }

  /** A C and how it does on the held-out tenth; where few images decide, the loss breaks ties. */
  private record Choice(double c, double accuracy, double loss) {
    static Choice of(Fit fit, LabelledFeatures chosenBy) {
      double[][] probabilities = fit.classifier().probabilities(chosenBy.features());
      double loss = 0;
      for (int row = 0; row < probabilities.length; row++) {
        loss -= Math.log(Math.max(probabilities[row][chosenBy.label(row)], Double.MIN_NORMAL));
      }
      return new Choice(
          fit.c(),
          HeldOut.accuracy(fit.classifier().predictions(chosenBy.features()), chosenBy.labels()),
          loss / probabilities.length);
    }

    boolean isBetterThan(Choice other) {
      return accuracy > other.accuracy || (accuracy == other.accuracy && loss < other.loss);
    }
  }
}
