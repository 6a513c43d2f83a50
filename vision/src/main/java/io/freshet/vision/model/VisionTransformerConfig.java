package io.freshet.vision.model;

import ai.djl.ndarray.types.Shape;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.WeightTensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The architecture of a DINOv2 backbone. Head dimension and everything else that the official
 * checkpoints vary is here; LayerNorm's epsilon 1e-6, the exact GELU and biases everywhere are
 * fixed, as in all of them.
 *
 * @param imageSize side in pixels that the position embedding is learned at; a multiple of {@code
 *     patchSize}
 * @param patchSize side of a patch in pixels
 * @param embedDim width of a token; a multiple of {@code heads}
 * @param depth number of blocks
 * @param heads attention heads
 * @param mlpRatio width of the feed-forward layer over {@code embedDim}, before SwiGLU's 2/3
 * @param ffn kind of feed-forward layer
 * @param registers register tokens, 0 = none
 * @param layerScaleInit initial LayerScale; 0 = no LayerScale
 * @param interpolateOffset 0.1 places samples by (size + 0.1) / grid as the models without
 *     registers do, 0.0 by size
 * @param interpolateAntialias whether position embeddings are resampled with antialiasing, as the
 *     models with registers do
 */
public record VisionTransformerConfig(
    int imageSize,
    int patchSize,
    int embedDim,
    int depth,
    int heads,
    double mlpRatio,
    Ffn ffn,
    int registers,
    double layerScaleInit,
    double interpolateOffset,
    boolean interpolateAntialias) {

  /** The kind of feed-forward layer. */
  public enum Ffn {
    /** Linear, GELU, linear. */
    MLP,
    /** SwiGLU with hidden width 2/3, rounded up to a multiple of 8. */
    SWIGLU
  }

  public VisionTransformerConfig {
    requireRange("patchSize", patchSize, 1, 128);
    requireRange("imageSize", imageSize, patchSize, 16_384);
    requireRange("embedDim", embedDim, 1, 16_384);
    requireRange("depth", depth, 1, 256);
    requireRange("heads", heads, 1, 1024);
    requireRange("registers", registers, 0, 1024);
    if (imageSize % patchSize != 0) {
      throw new IllegalArgumentException(
          "imageSize " + imageSize + " is no multiple of patchSize " + patchSize);
    }
    if (embedDim % heads != 0) {
      throw new IllegalArgumentException(
          "embedDim " + embedDim + " is no multiple of heads " + heads);
    }
    if (!(mlpRatio > 0 && mlpRatio <= 64)) {
      throw new IllegalArgumentException("mlpRatio must be in (0, 64], was " + mlpRatio);
    }
    if (!(layerScaleInit >= 0)) {
      throw new IllegalArgumentException(
          "layerScaleInit must not be negative, was " + layerScaleInit);
    }
    if (!(interpolateOffset >= 0 && interpolateOffset < 1)) {
      throw new IllegalArgumentException(
          "interpolateOffset must be in [0, 1), was " + interpolateOffset);
    }
  }

  /**
   * A model without registers, with the defaults of DINOv2's training: MLP, LayerScale 1e-5, offset
   * 0.1.
   */
  public static VisionTransformerConfig of(
      int imageSize, int patchSize, int embedDim, int depth, int heads) {
    return new VisionTransformerConfig(
        imageSize, patchSize, embedDim, depth, heads, 4, Ffn.MLP, 0, 1e-5, 0.1, false);
  }

  /** ViT-S: 384 wide, 12 blocks, 6 heads. */
  public static VisionTransformerConfig vitSmall(int patchSize, int imageSize) {
    return of(imageSize, patchSize, 384, 12, 6);
  }

  /** ViT-B: 768 wide, 12 blocks, 12 heads. */
  public static VisionTransformerConfig vitBase(int patchSize, int imageSize) {
    return of(imageSize, patchSize, 768, 12, 12);
  }

  /** ViT-L: 1024 wide, 24 blocks, 16 heads. */
  public static VisionTransformerConfig vitLarge(int patchSize, int imageSize) {
    return of(imageSize, patchSize, 1024, 24, 16);
  }

  /** ViT-g: 1536 wide, 40 blocks, 24 heads, SwiGLU. */
  public static VisionTransformerConfig vitGiant2(int patchSize, int imageSize) {
    return of(imageSize, patchSize, 1536, 40, 24).withFfn(Ffn.SWIGLU);
  }

  /**
   * The same with registers, which also changes how position embeddings are interpolated: offset 0,
   * antialiased.
   */
  public VisionTransformerConfig withRegisters(int count) {
    return new VisionTransformerConfig(
        imageSize,
        patchSize,
        embedDim,
        depth,
        heads,
        mlpRatio,
        ffn,
        count,
        layerScaleInit,
        count > 0 ? 0.0 : 0.1,
        count > 0);
  }

  public VisionTransformerConfig withFfn(Ffn newFfn) {
    return new VisionTransformerConfig(
        imageSize,
        patchSize,
        embedDim,
        depth,
        heads,
        mlpRatio,
        newFfn,
        registers,
        layerScaleInit,
        interpolateOffset,
        interpolateAntialias);
  }

  VisionTransformerConfig withMlpRatio(double ratio) {
    return new VisionTransformerConfig(
        imageSize,
        patchSize,
        embedDim,
        depth,
        heads,
        ratio,
        ffn,
        registers,
        layerScaleInit,
        interpolateOffset,
        interpolateAntialias);
  }

  public VisionTransformerConfig withLayerScaleInit(double init) {
    return new VisionTransformerConfig(
        imageSize,
        patchSize,
        embedDim,
        depth,
        heads,
        mlpRatio,
        ffn,
        registers,
        init,
        interpolateOffset,
        interpolateAntialias);
  }

  public VisionTransformerConfig withInterpolation(double offset, boolean antialias) {
    return new VisionTransformerConfig(
        imageSize,
        patchSize,
        embedDim,
        depth,
        heads,
        mlpRatio,
        ffn,
        registers,
        layerScaleInit,
        offset,
        antialias);
  }

  /** The same at another size; the position embedding then has another grid. */
  public VisionTransformerConfig withImageSize(int newImageSize) {
    return new VisionTransformerConfig(
        newImageSize,
        patchSize,
        embedDim,
        depth,
        heads,
        mlpRatio,
        ffn,
        registers,
        layerScaleInit,
        interpolateOffset,
        interpolateAntialias);
  }

  /** Patches along one side of the learned position grid. */
  public int gridSize() {
    return imageSize / patchSize;
  }

  /** Width of the feed-forward layer: of SwiGLU, of one of its two halves. */
  public int hiddenDim() {
    int hidden = (int) (embedDim * mlpRatio);
    return switch (ffn) {
      case MLP -> hidden;
      case SWIGLU -> (hidden * 2 / 3 + 7) / 8 * 8;
    };
  }

  /** The parameters' names and shapes, in the order of the official state dictionaries. */
  public Map<String, Shape> parameterShapes() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    long patches = (long) gridSize() * gridSize();
    shapes.put("cls_token", new Shape(1, 1, embedDim));
    shapes.put("pos_embed", new Shape(1, 1 + patches, embedDim));
    if (registers > 0) {
      shapes.put("register_tokens", new Shape(1, registers, embedDim));
    }
    shapes.put("mask_token", new Shape(1, embedDim));
    shapes.put("patch_embed.proj.weight", new Shape(embedDim, 3, patchSize, patchSize));
    shapes.put("patch_embed.proj.bias", new Shape(embedDim));
    for (int i = 0; i < depth; i++) {
      putBlock(shapes, "blocks." + i + ".");
    }
    putNorm(shapes, "norm");
    return shapes;
  }

  /** Numbers in all parameters. */
  public long parameterCount() {
    return parameterShapes().values().stream().mapToLong(Shape::size).sum();
  }

  /**
   * @throws IllegalArgumentException when a parameter is missing, unknown, or of another shape than
   *     this architecture says
   */
  void requireParameters(StateDict weights) {
    Map<String, Shape> shapes = parameterShapes();
    shapes.forEach(
        (name, shape) -> {
          WeightTensor tensor = weights.get(name);
          if (!shape.equals(new Shape(tensor.dims()))) {
            throw new IllegalArgumentException(
                "weights hold "
                    + name
                    + " of shape "
                    + tensor.shape()
                    + ", the model wants "
                    + shape);
          }
        });
    for (String name : weights.names()) {
      if (!shapes.containsKey(name)) {
        throw new IllegalArgumentException(
            "weights hold " + name + ", which the model does not have");
      }
    }
  }

  private void putBlock(Map<String, Shape> shapes, String prefix) {
    putNorm(shapes, prefix + "norm1");
    putLinear(shapes, prefix + "attn.qkv", 3 * embedDim, embedDim);
    putLinear(shapes, prefix + "attn.proj", embedDim, embedDim);
    putLayerScale(shapes, prefix + "ls1");
    putNorm(shapes, prefix + "norm2");
    switch (ffn) {
      case MLP -> {
        putLinear(shapes, prefix + "mlp.fc1", hiddenDim(), embedDim);
        putLinear(shapes, prefix + "mlp.fc2", embedDim, hiddenDim());
      }
      case SWIGLU -> {
        putLinear(shapes, prefix + "mlp.w12", 2 * hiddenDim(), embedDim);
        putLinear(shapes, prefix + "mlp.w3", embedDim, hiddenDim());
      }
    }
    putLayerScale(shapes, prefix + "ls2");
  }

  private void putLayerScale(Map<String, Shape> shapes, String name) {
    if (layerScaleInit > 0) {
      shapes.put(name + ".gamma", new Shape(embedDim));
    }
  }

  private void putNorm(Map<String, Shape> shapes, String name) {
    shapes.put(name + ".weight", new Shape(embedDim));
    shapes.put(name + ".bias", new Shape(embedDim));
  }

  private static void putLinear(Map<String, Shape> shapes, String name, int out, int in) {
    shapes.put(name + ".weight", new Shape(out, in));
    shapes.put(name + ".bias", new Shape(out));
  }

  private static void requireRange(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + " must be in " + min + ".." + max + ", was " + value);
    }
  }
}
