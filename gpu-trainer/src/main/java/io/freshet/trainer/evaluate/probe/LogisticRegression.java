package io.freshet.trainer.evaluate.probe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.trainer.evaluate.LabelledFeatures;
import io.freshet.trainer.evaluate.probe.Lbfgs.Minimum;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * Multinomial logistic regression on frozen features, as {@code dinov2/eval/log_regression.py} fits
 * it: {@code C x sum of log losses + |W|^2 / 2} is minimised in float64, the bias is free.
 *
 * <p>Holds the training features in native memory until {@link #close}. One thread at a time.
 */
public final class LogisticRegression implements AutoCloseable {
  private static final int MAX_ITERATIONS = 1_000;

  /** How near to the minimum a fit goes. */
  public enum Precision {
    /** Near enough to compare values of C. */
    COMPARISON(1e-5, 1e-7),
    /** The minimum, as far as float64 tells. */
    MINIMUM(1e-7, 1e-12);

    private final double gradient;
    private final double decrease;

    Precision(double gradient, double decrease) {
      this.gradient = gradient;
      this.decrease = decrease;
    }
  }

  private final TorchScriptLibrary library;
  private final NDManager manager;
  private final NDArray features;
  private final NDArray labels;
  private final int rows;
  private final int dim;
  private final int classes;

  /**
   * @param library of {@link io.freshet.trainer.evaluate.torch.EvaluationScripts}; stays the
   *     caller's
   * @param training at least one row
   * @param classes the number of classes, above every label
   */
  public LogisticRegression(TorchScriptLibrary library, LabelledFeatures training, int classes) {
    if (training.size() == 0 || classes < 2 || training.classes() > classes) {
      throw new IllegalArgumentException(
          "logistic regression got %d images of %d classes, labels up to %d; it needs images of at least 2 classes"
              .formatted(training.size(), classes, training.classes() - 1));
    }
    this.library = library;
    this.rows = training.size();
    this.dim = training.dim();
    this.classes = classes;
    this.manager = library.runtime().newManager();
    double[] values = new double[Math.multiplyExact(rows, dim)];
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < dim; i++) {
        values[row * dim + i] = training.features()[row][i];
      }
    }
    this.features = Tensors.of(manager, values, rows, dim);
    this.labels =
        Tensors.of(manager, Arrays.stream(training.labels()).asLongStream().toArray(), rows);
  }

  /**
   * A fitted model.
   *
   * @param c weight of the data against the penalty
   * @param objective the minimum that was reached
   * @param converged whether it is one, within the tolerances
   */
  public record Fit(
      double c, LinearClassifier classifier, double objective, int iterations, boolean converged) {}

  /** The minimum, searched from zero. */
  public Fit fit(double c) {
    return fit(c, Optional.empty(), Precision.MINIMUM);
  }

  /**
   * @param c above 0
   * @param start the fit for a neighbouring C, from where it is not far
   */
  public Fit fit(double c, Optional<Fit> start, Precision precision) {
    if (!(c > 0)) {
      throw new IllegalArgumentException("C is " + c + "; it must be above 0");
    }
    Minimum minimum =
        new Lbfgs(MAX_ITERATIONS, precision.gradient, precision.decrease)
            .minimise(
                (point, gradient) -> objective(c, point, gradient),
                start.map(this::point).orElseGet(() -> new double[classes * (dim + 1)]));
    return new Fit(
        c,
        classifier(minimum.point()),
        minimum.value() * c * rows,
        minimum.iterations(),
        minimum.converged());
  }

  private double objective(double c, double[] point, double[] gradient) {
    int weights = classes * dim;
    try (NDManager call = library.runtime().newManager()) {
      Map<String, NDArray> result =
          library
              .call(
                  call,
                  GradMode.NO_GRAD,
                  "logistic_objective",
                  TorchValue.tensor(features),
                  TorchValue.tensor(labels),
                  TorchValue.tensor(Tensors.of(call, Arrays.copyOf(point, weights), classes, dim)),
                  TorchValue.tensor(
                      Tensors.of(call, Arrays.copyOfRange(point, weights, point.length), classes)),
                  TorchValue.real(c))
              .dict();
      System.arraycopy(result.get("w").toDoubleArray(), 0, gradient, 0, weights);
      System.arraycopy(result.get("b").toDoubleArray(), 0, gradient, weights, classes);
      return result.get("objective").toDoubleArray()[0];
    }
  }

  private double[] point(Fit fit) {
    double[] point = new double[classes * (dim + 1)];
    for (int k = 0; k < classes; k++) {
      System.arraycopy(fit.classifier().weight()[k], 0, point, k * dim, dim);
    }
    System.arraycopy(fit.classifier().bias(), 0, point, classes * dim, classes);
    return point;
  }

  private LinearClassifier classifier(double[] point) {
    double[][] weight = new double[classes][];
    for (int k = 0; k < classes; k++) {
      weight[k] = Arrays.copyOfRange(point, k * dim, (k + 1) * dim);
    }
    return new LinearClassifier(weight, Arrays.copyOfRange(point, classes * dim, point.length));
  }

  @Override
  public void close() {
    manager.close();
  }
}
