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
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The linear depth head of DINOv2 on the last block or on several: of each, class token beside each
 * patch token; enlarged four times, 256 uniform bins. Owns its parameters in native memory until
 * {@link #close}. One thread at a time.
 */
public final class DepthProbe implements AutoCloseable {
  private static final int BINS = 256;
  private static final int UPSAMPLE = 4;
  private static final double INITIAL_DEVIATION = 0.01;

  private final TorchScriptLibrary library;
  private final int blocks;
  private final DepthRange range;
  private final double unitsPerMetre;
  private final NDManager manager;
  private final NDArray weight;
  private final NDArray bias;

  /**
   * @param library of {@link io.freshet.trainer.evaluate.torch.EvaluationScripts}; stays the
   *     caller's
   * @param dim of a token
   * @param blocks the last ones of a sample's, whose tokens it sees
   * @param range depths that count, metres
   * @param unitsPerMetre of the maps' samples
   */
  public DepthProbe(
      TorchScriptLibrary library,
      int dim,
      int blocks,
      DepthRange range,
      double unitsPerMetre,
      long seed) {
    this.library = library;
    this.blocks = blocks;
    this.range = range;
    this.unitsPerMetre = unitsPerMetre;
    this.manager = library.runtime().newManager();
    RandomGenerator random = StepRandom.of(seed, Purpose.EVALUATION, 9, 0);
    float[] weights = new float[BINS * blocks * 2 * dim];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (INITIAL_DEVIATION * random.nextGaussian());
    }
    this.weight = Tensors.of(manager, weights, BINS, 2L * blocks * dim, 1, 1);
    this.bias = Tensors.of(manager, new float[BINS], BINS);
  }

  /** Depths of a map's samples, metres; 0 where none was measured. */
  public double[] metres(DenseSample sample) {
    return IntStream.of(sample.map()).mapToDouble(units -> units / unitsPerMetre).toArray();
  }

  /**
   * @param samples at least one
   */
  public void train(
      HeadTraining training, List<DenseSample> samples, long seed, EvaluationProgress progress) {
    training.run(
        library,
        samples,
        List.of(weight, bias),
        this::gradients,
        seed,
        blocks == 1 ? "depth head" : "depth head on %d blocks".formatted(blocks),
        progress);
  }

  private List<NDArray> gradients(NDManager call, List<DenseSample> batch) {
    int side = batch.get(0).side();
    float[] depths = new float[batch.size() * side * side];
    for (int i = 0; i < batch.size(); i++) {
      double[] metres = metres(batch.get(i));
      for (int pixel = 0; pixel < metres.length; pixel++) {
        depths[i * metres.length + pixel] = (float) metres[pixel];
      }
    }
    List<List<PatchTokens>> images = batch.stream().map(DenseSample::blocks).toList();
    return library
        .call(
            call,
            GradMode.ENABLE_GRAD,
            "depth_head_gradients",
            TorchValue.tensors(planes(call, images)),
            TorchValue.tensors(cls(call, images)),
            TorchValue.tensor(Tensors.of(call, depths, batch.size(), 1, side, side)),
            TorchValue.tensor(weight),
            TorchValue.tensor(bias),
            TorchValue.real(range.min()),
            TorchValue.real(range.max()),
            TorchValue.integer(UPSAMPLE))
        .tensors();
  }

  /** Each block's patch tokens, (B, D, rows, columns). */
  private List<NDArray> planes(NDManager call, List<List<PatchTokens>> images) {
    return ofBlocks(images).stream().map(block -> HeadTraining.planes(call, block, 1)).toList();
  }

  /** Each block's class tokens, (B, D). */
  private List<NDArray> cls(NDManager call, List<List<PatchTokens>> images) {
    int dim = images.get(0).get(0).dim();
    return ofBlocks(images).stream()
        .map(
            block -> {
              float[] all = new float[images.size() * dim];
              for (int i = 0; i < images.size(); i++) {
                System.arraycopy(block.get(i).get(0).cls(), 0, all, i * dim, dim);
              }
              return Tensors.of(call, all, images.size(), dim);
            })
        .toList();
  }

  /** For each block that the head sees, the images with that block alone. */
  private List<List<List<PatchTokens>>> ofBlocks(List<List<PatchTokens>> images) {
    int all = images.get(0).size();
    return IntStream.range(all - blocks, all)
        .mapToObj(block -> images.stream().map(image -> List.of(image.get(block))).toList())
        .toList();
  }

  /**
   * Metres at each pixel of a square, row by row.
   *
   * @param tokens of one image, of as many blocks as the head sees or more
   */
  public double[] predicted(List<PatchTokens> tokens, int side) {
    List<List<PatchTokens>> alone = List.of(tokens);
    try (NDManager call = library.runtime().newManager()) {
      float[] depths =
          library
              .call(
                  call,
                  GradMode.NO_GRAD,
                  "depth_head_prediction",
                  TorchValue.tensors(planes(call, alone)),
                  TorchValue.tensors(cls(call, alone)),
                  TorchValue.tensor(weight),
                  TorchValue.tensor(bias),
                  TorchValue.real(range.min()),
                  TorchValue.real(range.max()),
                  TorchValue.integer(UPSAMPLE),
                  TorchValue.integer(side),
                  TorchValue.integer(side))
              .tensor()
              .toFloatArray();
      return IntStream.range(0, depths.length).mapToDouble(i -> depths[i]).toArray();
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
