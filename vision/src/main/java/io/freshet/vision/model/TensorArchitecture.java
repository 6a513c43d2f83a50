package io.freshet.vision.model;

import io.freshet.vision.model.VisionTransformerConfig.Ffn;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.WeightTensor;
import java.util.List;
import java.util.OptionalInt;

/**
 * The architecture that a backbone's tensors have. Shapes tell all but two things: the number of
 * attention heads, which are 64 wide in every published model, and how position embeddings are
 * interpolated, which follows from the registers as in every published model.
 */
final class TensorArchitecture {

  /** Width of an attention head in every published model. */
  static final int HEAD_DIM = 64;

  private static final double MLP_RATIO = 4;

  private TensorArchitecture() {}

  /**
   * The architecture of {@code backbone}, whose every tensor it explains.
   *
   * @param backbone under official names
   * @param heads attention heads; empty = heads of 64
   * @throws IllegalArgumentException naming the tensor that is missing, too many or of another
   *     shape, or when heads of 64 don't divide the width
   */
  static VisionTransformerConfig of(StateDict backbone, OptionalInt heads) {
    int width = side(backbone, "cls_token", 3, 2);
    int patchSize = side(backbone, "patch_embed.proj.weight", 4, 3);
    int imageSize = Math.multiplyExact(grid(backbone), patchSize);
    int depth = 0;
    while (backbone.has("blocks." + depth + ".norm1.weight")) {
      depth++;
    }
    if (depth == 0) {
      throw new IllegalArgumentException(
          "the backbone has no blocks: no blocks.0.norm1.weight among its tensors");
    }
    Ffn ffn = backbone.has("blocks.0.mlp.w12.weight") ? Ffn.SWIGLU : Ffn.MLP;
    int registers = backbone.has("register_tokens") ? side(backbone, "register_tokens", 3, 1) : 0;
    boolean layerScale = backbone.has("blocks.0.ls1.gamma");
    VisionTransformerConfig config =
        VisionTransformerConfig.of(
                imageSize, patchSize, width, depth, heads.orElseGet(() -> headsOf64(width)))
            .withFfn(ffn)
            .withRegisters(registers)
            .withLayerScaleInit(layerScale ? 1 : 0);
    config = config.withMlpRatio(mlpRatio(config, hidden(backbone, ffn)));
    config.requireParameters(backbone);
    return config;
  }

  private static int headsOf64(int width) {
    if (width % HEAD_DIM != 0) {
      throw new IllegalArgumentException(
          "tensors don't tell the number of attention heads, and the width of %d is no multiple of the published models' %d; give --heads"
              .formatted(width, HEAD_DIM));
    }
    return width / HEAD_DIM;
  }

  private static int grid(StateDict backbone) {
    int patches = side(backbone, "pos_embed", 3, 1) - 1;
    int grid = (int) Math.round(Math.sqrt(patches));
    if (grid < 1 || grid * grid != patches) {
      throw new IllegalArgumentException(
          "pos_embed has %d positions, wanted is 1 and a square grid of patches"
              .formatted(patches + 1));
    }
    return grid;
  }

  private static int hidden(StateDict backbone, Ffn ffn) {
    return switch (ffn) {
      case MLP -> side(backbone, "blocks.0.mlp.fc1.weight", 2, 0);
      case SWIGLU -> side(backbone, "blocks.0.mlp.w12.weight", 2, 0) / 2;
    };
  }

  /** The ratio that gives {@code hidden}; 4, as in every published model, where it does. */
  private static double mlpRatio(VisionTransformerConfig config, int hidden) {
    if (config.withMlpRatio(MLP_RATIO).hiddenDim() == hidden) {
      return MLP_RATIO;
    }
    double unreduced = config.ffn() == Ffn.SWIGLU ? hidden * 1.5 : hidden;
    double ratio = unreduced / config.embedDim();
    return config.embedDim() * ratio < unreduced ? Math.nextUp(ratio) : ratio;
  }

  private static int side(StateDict backbone, String name, int dimensions, int index) {
    WeightTensor tensor = backbone.get(name);
    List<Long> shape = tensor.shape();
    if (shape.size() != dimensions || shape.get(index) < 1 || shape.get(index) > 1 << 20) {
      throw new IllegalArgumentException(
          "%s has the shape %s, wanted are %d sides of 1 to %d"
              .formatted(name, shape, dimensions, 1 << 20));
    }
    return Math.toIntExact(shape.get(index));
  }
}
