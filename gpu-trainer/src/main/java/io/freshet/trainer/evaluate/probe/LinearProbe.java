package io.freshet.trainer.evaluate.probe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Linear classifiers on one input, one for each learning rate, trained side by side as {@code
 * dinov2/eval/linear.py} does: SGD with momentum 0.9 and no weight decay, a cosine to zero, weights
 * from N(0, 0.01), biases from zero.
 *
 * <p>Owns its parameters in native memory until {@link #close}. One thread at a time.
 */
public final class LinearProbe implements AutoCloseable {
  private static final double MOMENTUM = 0.9;
  private static final double INITIAL_DEVIATION = 0.01;

  private final TorchScriptLibrary library;
  private final NDManager manager;
  private final int classifiers;
  private final NDArray weight;
  private final NDArray bias;
  private final NDArray weightVelocity;
  private final NDArray biasVelocity;

  private LinearProbe(
      TorchScriptLibrary library, float[] weight, float[] bias, int classifiers, int classes) {
    this.library = library;
    this.manager = library.runtime().newManager();
    this.classifiers = classifiers;
    int dim = weight.length / bias.length;
    this.weight = Tensors.of(manager, weight, classifiers, classes, dim);
    this.bias = Tensors.of(manager, bias, classifiers, classes);
    this.weightVelocity = Tensors.of(manager, new float[weight.length], classifiers, classes, dim);
    this.biasVelocity = Tensors.of(manager, new float[bias.length], classifiers, classes);
  }

  /**
   * @param library of {@link io.freshet.trainer.evaluate.torch.EvaluationScripts}; stays the
   *     caller's
   * @param weight (classifiers, classes, dim)
   * @param bias (classifiers, classes)
   */
  static LinearProbe of(TorchScriptLibrary library, float[][][] weight, float[][] bias) {
    int classes = bias[0].length;
    int dim = weight[0][0].length;
    float[] weights = new float[weight.length * classes * dim];
    float[] biases = new float[weight.length * classes];
    for (int l = 0; l < weight.length; l++) {
      for (int k = 0; k < classes; k++) {
        System.arraycopy(weight[l][k], 0, weights, (l * classes + k) * dim, dim);
      }
      System.arraycopy(bias[l], 0, biases, l * classes, classes);
    }
    return new LinearProbe(library, weights, biases, weight.length, classes);
  }

  /** Classifiers with new parameters, drawn from {@code random}. */
  public static LinearProbe begin(
      TorchScriptLibrary library, int classifiers, int classes, int dim, RandomGenerator random) {
    float[] weights = new float[Math.multiplyExact(Math.multiplyExact(classifiers, classes), dim)];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (INITIAL_DEVIATION * random.nextGaussian());
    }
    return new LinearProbe(
        library, weights, new float[classifiers * classes], classifiers, classes);
  }

  /** The learning rates at {@code step} of {@code steps}: a cosine from {@code rates} to 0. */
  public static double[] ratesAt(double[] rates, int step, int steps) {
    double share = (1 + Math.cos(Math.PI * step / steps)) / 2;
    return Arrays.stream(rates).map(rate -> rate * share).toArray();
  }

  /**
   * Trains on one mini-batch after another.
   *
   * @param inputs (rows, dim), float32
   * @param labels (rows), int64
   * @param order the rows of each mini-batch, (steps, batch)
   * @param rates the learning rate of each classifier at each step, (steps, classifiers)
   * @return the loss of each classifier before each step, (steps, classifiers)
   */
  public float[][] train(NDArray inputs, NDArray labels, long[][] order, double[][] rates) {
    int batch = order[0].length;
    float[] flatRates = new float[rates.length * classifiers];
    for (int i = 0; i < flatRates.length; i++) {
      flatRates[i] = (float) rates[i / classifiers][i % classifiers];
    }
    long[] flatOrder = Arrays.stream(order).flatMapToLong(Arrays::stream).toArray();
    try (NDManager call = library.runtime().newManager()) {
      float[] losses =
          library
              .call(
                  call,
                  GradMode.NO_GRAD,
                  "linear_probe",
                  TorchValue.tensor(inputs),
                  TorchValue.tensor(labels),
                  TorchValue.tensor(Tensors.of(call, flatOrder, order.length, batch)),
                  TorchValue.tensor(Tensors.of(call, flatRates, order.length, classifiers)),
                  TorchValue.real(MOMENTUM),
                  TorchValue.tensor(weight),
                  TorchValue.tensor(bias),
                  TorchValue.tensor(weightVelocity),
                  TorchValue.tensor(biasVelocity))
              .tensor()
              .toFloatArray();
      float[][] bySteps = new float[order.length][];
      for (int step = 0; step < order.length; step++) {
        bySteps[step] = Arrays.copyOfRange(losses, step * classifiers, (step + 1) * classifiers);
      }
      return bySteps;
    }
  }

  /**
   * The most likely class of each row by each classifier, (classifiers, rows).
   *
   * @param inputs (rows, dim), float32
   */
  public int[][] predictions(NDArray inputs) {
    try (NDManager call = library.runtime().newManager()) {
      long[] flat =
          library
              .call(
                  call,
                  GradMode.NO_GRAD,
                  "linear_probe_predictions",
                  TorchValue.tensor(inputs),
                  TorchValue.tensor(weight),
                  TorchValue.tensor(bias))
              .tensor()
              .toLongArray();
      int[][] predictions = new int[classifiers][flat.length / classifiers];
      for (int i = 0; i < flat.length; i++) {
        predictions[i % classifiers][i / classifiers] = (int) flat[i];
      }
      return predictions;
    }
  }

  /**
   * The mean log loss of each classifier.
   *
   * @param inputs (rows, dim), float32
   * @param labels (rows), int64
   */
  public float[] losses(NDArray inputs, NDArray labels) {
    try (NDManager call = library.runtime().newManager()) {
      return library
          .call(
              call,
              GradMode.NO_GRAD,
              "linear_probe_losses",
              TorchValue.tensor(inputs),
              TorchValue.tensor(labels),
              TorchValue.tensor(weight),
              TorchValue.tensor(bias))
          .tensor()
          .toFloatArray();
    }
  }

  /** (classifiers, classes, dim). */
  float[] weight() {
    return weight.toFloatArray();
  }

  /** (classifiers, classes). */
  float[] bias() {
    return bias.toFloatArray();
  }

  @Override
  public void close() {
    manager.close();
  }
}
