package io.freshet.vision.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.WeightTensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A DINOv2 backbone: parameters under the official checkpoint names, and the forward passes of the
 * TorchScript library over them.
 *
 * <p>It owns its parameters and frees them on {@link #close}; the library stays the caller's.
 * Passes may run on several threads at once as long as nobody writes the parameters.
 */
public final class VisionTransformer implements AutoCloseable {

  private final TorchScriptLibrary library;
  private final VisionTransformerConfig config;
  private final NDManager manager;
  private final Map<String, NDArray> parameters;

  private VisionTransformer(TorchScriptLibrary library, VisionTransformerConfig config) {
    this.library = library;
    this.config = config;
    this.manager = library.runtime().newManager();
    this.parameters = new LinkedHashMap<>();
  }

  /** A new model with DINOv2's initialisation; equal seeds give equal parameters. */
  public static VisionTransformer initialise(
      TorchScriptLibrary library, VisionTransformerConfig config, long seed) {
    VisionTransformer model = new VisionTransformer(library, config);
    config
        .parameterShapes()
        .forEach(
            (name, shape) -> {
              float[] values = ParameterInitialization.backbone(config, name, shape, seed);
              model.parameters.put(name, Tensors.of(model.manager, values, shape.getShape()));
            });
    return model;
  }

  /**
   * A model with given weights, converted to float32.
   *
   * @throws IllegalArgumentException when a parameter is missing, unknown, or of another shape than
   *     {@code config} says
   */
  public static VisionTransformer of(
      TorchScriptLibrary library, VisionTransformerConfig config, StateDict weights) {
    Map<String, Shape> shapes = config.parameterShapes();
    config.requireParameters(weights);
    VisionTransformer model = new VisionTransformer(library, config);
    shapes.forEach(
        (name, shape) ->
            model.parameters.put(
                name, Tensors.of(model.manager, weights.get(name).toFloats(), shape.getShape())));
    return model;
  }

  public VisionTransformerConfig config() {
    return config;
  }

  public TorchScriptLibrary library() {
    return library;
  }

  /** The parameters in the official order; owned by this model, changed in place by training. */
  public Map<String, NDArray> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /** A copy of the weights on the Java heap. */
  public StateDict weights() {
    StateDict.Builder copy = StateDict.builder();
    parameters.forEach(
        (name, array) ->
            copy.put(
                name, WeightTensor.ofFloats(array.toFloatArray(), array.getShape().getShape())));
    return copy.build();
  }

  /**
   * Features of {@code images}, {@code (B, 3, H, W)} normalised, H and W multiples of the patch
   * size.
   */
  public Features forwardFeatures(NDManager owner, GradMode mode, NDArray images) {
    try (NDArray noMask = noMask()) {
      return forwardFeatures(owner, mode, images, noMask);
    }
  }

  /**
   * Features with {@code masks}, {@code (B, N)} boolean: masked patches are replaced by the mask
   * token.
   */
  public Features forwardFeatures(NDManager owner, GradMode mode, NDArray images, NDArray masks) {
    TorchValue result =
        library.call(
            owner,
            mode,
            "forward_features",
            TorchValue.tensor(images),
            TorchValue.tensor(masks),
            TorchValue.dict(parameters),
            heads(),
            offset(),
            antialias());
    return Features.named(result.dict(), "");
  }

  /**
   * Features of several batches of different image sizes in one packed pass, as in training.
   *
   * @param masks one entry a batch; an entry without elements masks nothing
   * @param kept drawn by {@link StochasticDepth} and made tensors; empty = no stochastic depth
   */
  public List<Features> forwardPacked(
      NDManager owner,
      GradMode mode,
      List<NDArray> images,
      List<NDArray> masks,
      List<NDArray> kept) {
    Map<String, NDArray> named =
        library
            .call(
                owner,
                mode,
                "forward_features_packed",
                TorchValue.tensors(images),
                TorchValue.tensors(masks),
                TorchValue.tensors(kept),
                TorchValue.dict(parameters),
                heads(),
                offset(),
                antialias())
            .dict();
    return IntStream.range(0, images.size()).mapToObj(i -> Features.named(named, i + ".")).toList();
  }

  /**
   * Tokens after the given blocks.
   *
   * @param blocks indices from 0, in any order; the result is in the blocks' order
   * @param norm whether the final norm is applied
   * @param reshape whether patch tokens come as {@code (B, D, rows, columns)}
   */
  public IntermediateLayers intermediateLayers(
      NDManager owner, GradMode mode, NDArray images, int[] blocks, boolean norm, boolean reshape) {
    long[] layers = Arrays.stream(blocks).asLongStream().toArray();
    for (long layer : layers) {
      if (layer < 0 || layer >= config.depth()) {
        throw new IllegalArgumentException(
            "block " + layer + " does not exist, the model has " + config.depth());
      }
    }
    List<TorchValue> result =
        library
            .call(
                owner,
                mode,
                "get_intermediate_layers",
                TorchValue.tensor(images),
                TorchValue.dict(parameters),
                TorchValue.integers(layers),
                TorchValue.flag(norm),
                TorchValue.flag(reshape),
                heads(),
                offset(),
                antialias())
            .items();
    return new IntermediateLayers(result.get(0).tensors(), result.get(1).tensors());
  }

  private NDArray noMask() {
    return Tensors.of(manager, new boolean[0], 0);
  }

  private TorchValue heads() {
    return TorchValue.integer(config.heads());
  }

  private TorchValue offset() {
    return TorchValue.real(config.interpolateOffset());
  }

  private TorchValue antialias() {
    return TorchValue.flag(config.interpolateAntialias());
  }

  @Override
  public void close() {
    manager.close();
  }
}
