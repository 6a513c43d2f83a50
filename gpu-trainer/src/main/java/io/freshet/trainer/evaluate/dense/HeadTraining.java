package io.freshet.trainer.evaluate.dense;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.trainer.data.StepRandom;
import io.freshet.trainer.data.StepRandom.Purpose;
import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.model.PatchTokens;
import io.freshet.vision.torch.Autograd;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;

/**
 * Trains a linear head on frozen tokens by AdamW: a short linear warm-up, then linearly to zero, as
 * DINOv2's linear segmentation.
 *
 * @param steps of the optimiser, at least 1; DINOv2 takes 40,000 on ADE20k
 * @param batchImages of a step, at least 1
 * @param rate highest learning rate
 * @param weightDecay decoupled
 */
public record HeadTraining(int steps, int batchImages, double rate, double weightDecay) {
  private static final double WARM_UP = 1500.0 / 40_000;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  public HeadTraining {
    if (steps < 1 || batchImages < 1 || !(rate > 0) || !(weightDecay >= 0)) {
      throw new IllegalArgumentException(
          "a head's training of %d steps, %d images a step, rate %s, decay %s; the first two must be at least 1, the rate above 0"
              .formatted(steps, batchImages, rate, weightDecay));
    }
  }

  /** DINOv2's 16 images a step, rate 1e-3 and decay 1e-4 with another number of steps. */
  public static HeadTraining ofSteps(int steps) {
    return new HeadTraining(steps, 16, 1e-3, 1e-4);
  }

  double rateAt(int step) {
    double warmUp = Math.max(1, WARM_UP * steps);
    double share = step + 1 < warmUp ? (step + 1) / warmUp : (steps - step) / (steps - warmUp + 1);
    return rate * Math.min(1, share);
  }

  /**
   * Changes {@code parameters} in place.
   *
   * @param parameters leaf tensors
   * @param gradients of a batch: the loss, then the derivative by each parameter, in their order;
   *     the manager owns what is returned
   */
  void run(
      TorchScriptLibrary library,
      List<DenseSample> samples,
      List<NDArray> parameters,
      BiFunction<NDManager, List<DenseSample>, List<NDArray>> gradients,
      long seed,
      String phase,
      EvaluationProgress progress) {
    RandomGenerator random = StepRandom.of(seed, Purpose.EVALUATION, 7, 0);
    try (NDManager scope = library.runtime().newManager()) {
      List<NDArray> first = zeros(scope, parameters);
      List<NDArray> second = zeros(scope, parameters);
      NDArray updates = Tensors.of(scope, new float[] {0}, new long[0]);
      parameters.forEach(parameter -> Autograd.requireGrad(parameter, true));
      for (int step = 0; step < steps; step++) {
        progress.at(phase, step, steps);
        try (NDManager call = library.runtime().newManager()) {
          List<NDArray> derived = gradients.apply(call, drawn(samples, random));
          library.call(call, GradMode.NO_GRAD, "count_update", TorchValue.tensor(updates));
          library.call(
              call,
              GradMode.NO_GRAD,
              "adamw",
              TorchValue.tensors(parameters),
              TorchValue.tensors(derived.subList(1, derived.size())),
              TorchValue.tensors(first),
              TorchValue.tensors(second),
              TorchValue.tensor(updates),
              TorchValue.real(1),
              TorchValue.real(rateAt(step)),
              TorchValue.real(weightDecay),
              TorchValue.real(BETA1),
              TorchValue.real(BETA2),
              TorchValue.real(EPSILON));
        }
      }
      parameters.forEach(parameter -> Autograd.requireGrad(parameter, false));
      progress.at(phase, steps, steps);
    }
  }

  private List<DenseSample> drawn(List<DenseSample> samples, RandomGenerator random) {
    List<DenseSample> batch = new ArrayList<>();
    for (int i = 0; i < Math.min(batchImages, samples.size()); i++) {
      batch.add(samples.get(random.nextInt(samples.size())));
    }
    return batch;
  }

  private static List<NDArray> zeros(NDManager owner, List<NDArray> like) {
    return like.stream().map(array -> Tensors.full(owner, array.getShape(), 0)).toList();
  }

  /**
   * The last blocks' tokens of several images side by side, earlier blocks first: (B, count dim,
   * rows, columns).
   *
   * @param count 1 to the blocks that the images have
   */
  static NDArray planes(NDManager owner, List<List<PatchTokens>> images, int count) {
    PatchTokens one = images.get(0).get(0);
    int length = one.tokens().length;
    float[] all = new float[images.size() * count * length];
    int at = 0;
    for (List<PatchTokens> blocks : images) {
      for (PatchTokens block : blocks.subList(blocks.size() - count, blocks.size())) {
        System.arraycopy(block.planes(), 0, all, at, length);
        at += length;
      }
    }
    return Tensors.of(
        owner, all, images.size(), (long) count * one.dim(), one.rows(), one.columns());
  }
}
