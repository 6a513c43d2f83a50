package io.freshet.trainer.step;

import io.freshet.vision.model.VisionTransformerConfig;
import java.io.Serializable;

/**
 * Config section {@code trainer.recipe.model}: the backbone.
 *
 * @param patchSize side of a patch in pixels
 * @param embedDim width of a token
 * @param depth number of blocks
 * @param heads attention heads
 * @param ffn kind of feed-forward layer
 * @param registers register tokens
 * @param layerScale initial LayerScale; 0 = none
 * @param dropPath share of the samples that skip a residual in training, the same in every block
 */
public record ModelConfig(
    int patchSize,
    int embedDim,
    int depth,
    int heads,
    VisionTransformerConfig.Ffn ffn,
    int registers,
    double layerScale,
    double dropPath)
    implements Serializable {

  public ModelConfig {
    if (!(dropPath >= 0 && dropPath < 1)) {
      throw new IllegalArgumentException(
          "model.drop_path must be at least 0 and below 1, not " + dropPath);
    }
  }

  /** The backbone whose position embedding is learned at {@code imageSize} pixels. */
  public VisionTransformerConfig backbone(int imageSize) {
    return VisionTransformerConfig.of(imageSize, patchSize, embedDim, depth, heads)
        .withFfn(ffn)
        .withRegisters(registers)
        .withLayerScaleInit(layerScale);
  }
}
