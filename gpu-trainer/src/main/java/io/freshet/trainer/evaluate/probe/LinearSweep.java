package io.freshet.trainer.evaluate.probe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.trainer.data.StepRandom;
import io.freshet.trainer.data.StepRandom.Purpose;
import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.LabelledFeatures;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The linear probe with the input and the learning rate that are best on a held-out tenth of the
 * training images, then trained anew on all of them. The classifiers are those of {@code
 * dinov2/eval/linear.py}; unlike there the images are embedded once, without augmentation.
 */
public final class LinearSweep {
  private static final int CHUNK = 25;
  private static final double RATE_IMAGES = 256;

  private final TorchScriptLibrary library;
  private final LinearSweepConfig config;
  private final long seed;
  private final EvaluationProgress progress;

  /**
   * @param library of {@link io.freshet.trainer.evaluate.torch.EvaluationScripts}; stays the
   *     caller's
   * @param seed chooses the held-out tenth, first weights and mini-batches
   */
  public LinearSweep(
      TorchScriptLibrary library,
      LinearSweepConfig config,
      long seed,
      EvaluationProgress progress) {
    this.library = library;
    this.config = config;
    this.seed = seed;
    this.progress = progress;
  }

  /**
   * What was chosen.
   *
   * @param input the chosen input
   * @param rate the chosen learning rate, as the grid names it
   * @param heldOutAccuracy of that choice on the held-out tenth, 0..1
   * @param predictions of the queries by the probe that was trained on all training images
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Outcome(
      FeatureRange input, double rate, double heldOutAccuracy, int[] predictions) {}

  /** A setting and how it does on the held-out tenth; the loss breaks ties. */
  private record Choice(FeatureRange input, double rate, double accuracy, double loss) {
    boolean isBetterThan(Choice other) {
      return accuracy > other.accuracy || (accuracy == other.accuracy && loss < other.loss);
    }
  }

  /**
   * What trained classifiers make of images.
   *
   * @param predictions (rates, rows)
   * @param losses mean log loss of each rate
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Answers(int[][] predictions, float[] losses) {}

  /**
   * @param training at least 2 images
   * @param queries what is classified in the end
   * @param classes number of classes, above every label
   * @param inputs the ranges of the features that are tried, at least one
   */
  public Outcome run(
      LabelledFeatures training, LabelledFeatures queries, int classes, List<FeatureRange> inputs) {
    HeldOut heldOut = HeldOut.of(training.size(), seed);
    LabelledFeatures part = training.rows(heldOut.training());
    LabelledFeatures chosenBy = training.rows(heldOut.chosenBy());
    Choice best = new Choice(inputs.get(0), config.rates().get(0), -1, Double.POSITIVE_INFINITY);
    for (int i = 0; i < inputs.size(); i++) {
      Answers answers =
          trained(part, chosenBy, classes, inputs.get(i), config.rates(), i, inputs.size());
      for (int rate = 0; rate < config.rates().size(); rate++) {
        Choice choice =
            new Choice(
                inputs.get(i),
                config.rates().get(rate),
                HeldOut.accuracy(answers.predictions()[rate], chosenBy.labels()),
                answers.losses()[rate]);
        best = choice.isBetterThan(best) ? choice : best;
      }
    }
    Answers answers =
        trained(
            training,
            queries,
            classes,
            best.input(),
            List.of(best.rate()),
            inputs.size(),
            inputs.size());
    return new Outcome(best.input(), best.rate(), best.accuracy(), answers.predictions()[0]);
  }

  /** The answers of a classifier for each rate. */
  private Answers trained(
      LabelledFeatures training,
      LabelledFeatures asked,
      int classes,
      FeatureRange input,
      List<Double> rates,
      int phase,
      int phases) {
    int batch = Math.min(config.batchImages(), training.size());
    double[] scaled = rates.stream().mapToDouble(r -> r * batch / RATE_IMAGES).toArray();
    RandomGenerator random = StepRandom.of(seed, Purpose.EVALUATION, 2, input.from());
    Batches batches = new Batches(training.size(), batch, random);
    try (NDManager scope = library.runtime().newManager();
        LinearProbe probe =
            LinearProbe.begin(library, scaled.length, classes, input.length(), random)) {
      NDArray inputs = tensor(scope, training.features(), input);
      NDArray labels = labels(scope, training);
      int steps = config.steps();
      for (int from = 0; from < steps; from += CHUNK) {
        progress.at("linear probe", (long) phase * steps + from, (phases + 1L) * steps);
        int to = Math.min(from + CHUNK, steps);
        probe.train(
            inputs,
            labels,
            batches.next(to - from),
            IntStream.range(from, to)
                .mapToObj(step -> LinearProbe.ratesAt(scaled, step, steps))
                .toArray(double[][]::new));
      }
      progress.at("linear probe", (phase + 1L) * steps, (phases + 1L) * steps);
      NDArray questions = tensor(scope, asked.features(), input);
      return new Answers(
          probe.predictions(questions), probe.losses(questions, labels(scope, asked)));
    }
  }

  private static NDArray labels(NDManager owner, LabelledFeatures of) {
    return Tensors.of(owner, Arrays.stream(of.labels()).asLongStream().toArray(), of.size());
  }

  private static NDArray tensor(NDManager owner, float[][] features, FeatureRange input) {
    float[] flat = new float[Math.multiplyExact(features.length, input.length())];
    for (int row = 0; row < features.length; row++) {
      System.arraycopy(features[row], input.from(), flat, row * input.length(), input.length());
    }
    return Tensors.of(owner, flat, features.length, input.length());
  }

  /** Mini-batches of rows: each epoch in a new random order, without a gap between epochs. */
  private static final class Batches {
    private final int rows;
    private final int batch;
    private final RandomGenerator random;
    private int[] order = {};
    private int position;

    Batches(int rows, int batch, RandomGenerator random) {
      this.rows = rows;
      this.batch = batch;
      this.random = random;
    }

    long[][] next(int count) {
      long[][] batches = new long[count][batch];
      for (long[] rowsOfBatch : batches) {
        for (int i = 0; i < batch; i++) {
          if (position == order.length) {
            order = HeldOut.shuffled(rows, random);
            position = 0;
          }
          rowsOfBatch[i] = order[position++];
        }
      }
      return batches;
    }
  }
}
