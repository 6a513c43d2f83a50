package io.freshet.trainer.evaluate.dense;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.trainer.data.StepRandom;
import io.freshet.trainer.data.StepRandom.Purpose;
import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.model.PatchTokens;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The linear segmentation head of DINOv2: batch norm and a 1 x 1 convolution on the patch tokens of
 * the last block. Owns its parameters in native memory until {@link #close}. One thread at a time.
 */
public final class SegmentationProbe implements AutoCloseable {
  /** What a mask says of pixels that don't count. */
  public static final int IGNORED = 255;

  private static final List<String> LEARNED =
      List.of("bn.weight", "bn.bias", "conv.weight", "conv.bias");
  private static final double INITIAL_DEVIATION = 0.01;

  private final TorchScriptLibrary library;
  private final NDManager manager;
  private final Map<String, NDArray> parameters = new LinkedHashMap<>();

  /**
   * @param library of {@link io.freshet.trainer.evaluate.torch.EvaluationScripts}; stays the
   *     caller's
   * @param classes 1 to 255
   * @param dim of a token
   */
  public SegmentationProbe(TorchScriptLibrary library, int classes, int dim, long seed) {
    this.library = library;
    this.manager = library.runtime().newManager();
    RandomGenerator random = StepRandom.of(seed, Purpose.EVALUATION, 8, 0);
    float[] weight = new float[classes * dim];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = (float) (INITIAL_DEVIATION * random.nextGaussian());
    }
    float[] ones = new float[dim];
    Arrays.fill(ones, 1);
    parameters.put("bn.weight", Tensors.of(manager, ones, dim));
    parameters.put("bn.bias", Tensors.of(manager, new float[dim], dim));
    parameters.put("bn.running_mean", Tensors.of(manager, new float[dim], dim));
    parameters.put("bn.running_var", Tensors.of(manager, ones, dim));
    parameters.put("conv.weight", Tensors.of(manager, weight, classes, dim, 1, 1));
    parameters.put("conv.bias", Tensors.of(manager, new float[classes], classes));
  }

  /**
   * @param samples whose maps hold class numbers and {@link #IGNORED}; at least one
   */
  public void train(
      HeadTraining training, List<DenseSample> samples, long seed, EvaluationProgress progress) {
    training.run(
        library,
        samples,
        LEARNED.stream().map(parameters::get).toList(),
        this::gradients,
        seed,
        "segmentation head",
        progress);
  }

  private List<NDArray> gradients(NDManager call, List<DenseSample> batch) {
    int side = batch.get(0).side();
    long[] masks =
        batch.stream().flatMapToInt(sample -> Arrays.stream(sample.map())).asLongStream().toArray();
    return library
        .call(
            call,
            GradMode.ENABLE_GRAD,
            "segmentation_gradients",
            TorchValue.tensor(HeadTraining.planes(call, batch)),
            TorchValue.tensor(Tensors.of(call, masks, batch.size(), side, side)),
            TorchValue.dict(parameters),
            TorchValue.integer(IGNORED))
        .tensors();
  }

  /** The probability of each class at each pixel of a square, (classes, side, side). */
  public float[] shares(PatchTokens tokens, int side) {
    try (NDManager call = library.runtime().newManager()) {
      return library
          .call(
              call,
              GradMode.NO_GRAD,
              "class_shares",
              TorchValue.tensor(
                  Tensors.of(
                      call, tokens.planes(), 1, tokens.dim(), tokens.rows(), tokens.columns())),
              TorchValue.dict(parameters),
              TorchValue.integer(side),
              TorchValue.integer(side))
          .tensor()
          .toFloatArray();
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
