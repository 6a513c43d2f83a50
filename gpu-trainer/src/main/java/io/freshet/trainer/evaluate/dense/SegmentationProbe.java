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
 * the last block, or of the last blocks side by side (the original's head for several scales takes
 * four). Owns its parameters in native memory until {@link #close}. One thread at a time.
 */
public final class SegmentationProbe implements AutoCloseable {
  /** What a mask says of pixels that don't count. */
  public static final int IGNORED = 255;

  private static final List<String> LEARNED =
      List.of("bn.weight", "bn.bias", "conv.weight", "conv.bias");
  private static final double INITIAL_DEVIATION = 0.01;

  private final TorchScriptLibrary library;
  private final int classes;
  private final int blocks;
  private final NDManager manager;
  private final Map<String, NDArray> parameters = new LinkedHashMap<>();

  /**
   * @param library of {@link io.freshet.trainer.evaluate.torch.EvaluationScripts}; stays the
   *     caller's
   * @param classes 1 to 255
   * @param dim of a token
   * @param blocks the last ones, whose tokens it sees
   */
  public SegmentationProbe(
      TorchScriptLibrary library, int classes, int dim, int blocks, long seed) {
    this.library = library;
    this.classes = classes;
    this.blocks = blocks;
    int width = blocks * dim;
    this.manager = library.runtime().newManager();
    RandomGenerator random = StepRandom.of(seed, Purpose.EVALUATION, 8, 0);
    float[] weight = new float[classes * width];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = (float) (INITIAL_DEVIATION * random.nextGaussian());
    }
    float[] ones = new float[width];
    Arrays.fill(ones, 1);
    parameters.put("bn.weight", Tensors.of(manager, ones, width));
    parameters.put("bn.bias", Tensors.of(manager, new float[width], width));
    parameters.put("bn.running_mean", Tensors.of(manager, new float[width], width));
    parameters.put("bn.running_var", Tensors.of(manager, ones, width));
    parameters.put("conv.weight", Tensors.of(manager, weight, classes, width, 1, 1));
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
        blocks == 1 ? "segmentation head" : "segmentation head on %d blocks".formatted(blocks),
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
            TorchValue.tensor(
                HeadTraining.planes(
                    call, batch.stream().map(DenseSample::blocks).toList(), blocks)),
            TorchValue.tensor(Tensors.of(call, masks, batch.size(), side, side)),
            TorchValue.dict(parameters),
            TorchValue.integer(IGNORED))
        .tensors();
  }

  /**
   * The probability of each class at each pixel of a square, (classes, side, side).
   *
   * @param tokens of one image, of as many blocks as the head sees or more
   */
  public float[] shares(List<PatchTokens> tokens, int side) {
    try (NDManager call = library.runtime().newManager()) {
      return library
          .call(
              call,
              GradMode.NO_GRAD,
              "class_shares",
              TorchValue.tensor(HeadTraining.planes(call, List.of(tokens), blocks)),
              TorchValue.dict(parameters),
              TorchValue.integer(side),
              TorchValue.integer(side))
          .tensor()
          .toFloatArray();
    }
  }

  /** What the head says of some images' patches, (images, classes, rows, columns). */
  float[] logits(List<List<PatchTokens>> images) {
    try (NDManager call = library.runtime().newManager()) {
      return library
          .call(
              call,
              GradMode.NO_GRAD,
              "segmentation_head",
              TorchValue.tensor(HeadTraining.planes(call, images, blocks)),
              TorchValue.dict(parameters),
              TorchValue.flag(false))
          .tensor()
          .toFloatArray();
    }
  }

  /**
   * The probability of each class at each pixel of a square that windows showed, (classes, out,
   * out).
   *
   * @param logits of the windows, some after the other: each (windows, classes, patches, patches)
   * @param patches of a window's side
   * @param out side of what is returned, pixels
   */
  float[] slidingShares(List<float[]> logits, SlidingWindows windows, int patches, int out) {
    List<SlidingWindows.Place> places = windows.places();
    float[] all = new float[places.size() * classes * patches * patches];
    int at = 0;
    for (float[] some : logits) {
      System.arraycopy(some, 0, all, at, some.length);
      at += some.length;
    }
    try (NDManager call = library.runtime().newManager()) {
      return library
          .call(
              call,
              GradMode.NO_GRAD,
              "sliding_shares",
              TorchValue.tensor(Tensors.of(call, all, places.size(), classes, patches, patches)),
              TorchValue.integers(places.stream().mapToLong(SlidingWindows.Place::top).toArray()),
              TorchValue.integers(places.stream().mapToLong(SlidingWindows.Place::left).toArray()),
              TorchValue.integer(windows.window()),
              TorchValue.integer(windows.side()),
              TorchValue.integer(out))
          .tensor()
          .toFloatArray();
    }
  }

  public int classes() {
    return classes;
  }

  @Override
  public void close() {
    manager.close();
  }
}
