package io.freshet.trainer.evaluate.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.trainer.evaluate.probe.FeatureRange;
import io.freshet.trainer.evaluate.probe.ProbeInput;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.model.IntermediateLayers;
import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.model.VisionTransformer;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.transform.EvalTransform;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A vision transformer. Its features are the normed class tokens of the last blocks and the mean
 * patch token of the last one; neighbours are searched with the last block's class token.
 */
public final class BackboneModel implements EvaluatedModel {
  private final String description;
  private final VisionTransformer backbone;
  private final Preprocessing preprocessing;
  private final int kept;

  /**
   * @param backbone closed with this; its library stays the caller's
   * @throws IllegalArgumentException when the prepared image isn't a whole number of patches
   */
  BackboneModel(String description, VisionTransformer backbone, Preprocessing preprocessing) {
    int patch = backbone.config().patchSize();
    if (preprocessing.imageSize() % patch != 0) {
      throw new IllegalArgumentException(
          "a crop of %d pixels is no multiple of the model's patch of %d; give --crop %d"
              .formatted(
                  preprocessing.imageSize(),
                  patch,
                  Math.max(1, preprocessing.imageSize() / patch) * patch));
    }
    this.description = description;
    this.backbone = backbone;
    this.preprocessing = preprocessing;
    this.kept = Math.min(ProbeInput.MOST_BLOCKS, backbone.config().depth());
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public Preprocessing preprocessing() {
    return preprocessing;
  }

  /** Side of a patch, pixels. */
  public int patchSize() {
    return backbone.config().patchSize();
  }

  private int dim() {
    return backbone.config().embedDim();
  }

  @Override
  public FeatureRange embedding() {
    return new ProbeInput(1, false).range(kept, dim());
  }

  @Override
  public List<FeatureRange> probeInputs() {
    return ProbeInput.of(kept).stream().map(input -> input.range(kept, dim())).toList();
  }

  @Override
  public float[][] features(List<RgbImage> crops) {
    int dim = dim();
    try (NDManager scope = backbone.library().runtime().newManager()) {
      IntermediateLayers layers = layers(scope, crops, TokenBlocks.last(kept, depth()));
      List<float[]> cls = layers.clsTokens().stream().map(NDArray::toFloatArray).toList();
      float[] patches = layers.patchTokens().get(kept - 1).toFloatArray();
      int perImage = patches.length / crops.size();
      float[][] features = new float[crops.size()][];
      for (int i = 0; i < features.length; i++) {
        int image = i;
        features[i] =
            ProbeInput.layout(
                cls.stream()
                    .map(of -> Arrays.copyOfRange(of, image * dim, (image + 1) * dim))
                    .toList(),
                ProbeInput.mean(
                    Arrays.copyOfRange(patches, i * perImage, (i + 1) * perImage), dim));
      }
      return features;
    }
  }

  /** How many blocks there are. */
  public int depth() {
    return backbone.config().depth();
  }

  /**
   * Normed tokens of the last block.
   *
   * @param crops squares of one size, sides multiples of the patch
   */
  public List<PatchTokens> patchTokens(List<RgbImage> crops) {
    return patchTokens(crops, TokenBlocks.last(1, depth())).stream()
        .map(blocks -> blocks.get(0))
        .toList();
  }

  /**
   * Tokens after several blocks.
   *
   * @param crops squares of one size, sides multiples of the patch
   * @return of each image, its tokens in the blocks' order
   */
  public List<List<PatchTokens>> patchTokens(List<RgbImage> crops, TokenBlocks blocks) {
    int side = crops.get(0).width() / patchSize();
    List<List<PatchTokens>> images = new ArrayList<>();
    crops.forEach(crop -> images.add(new ArrayList<>()));
    try (NDManager scope = backbone.library().runtime().newManager()) {
      IntermediateLayers layers = layers(scope, crops, blocks);
      for (int block = 0; block < blocks.indices().size(); block++) {
        float[] all = layers.patchTokens().get(block).toFloatArray();
        float[] cls = layers.clsTokens().get(block).toFloatArray();
        int perImage = side * side * dim();
        for (int i = 0; i < crops.size(); i++) {
          images
              .get(i)
              .add(
                  new PatchTokens(
                      side,
                      side,
                      dim(),
                      Arrays.copyOfRange(all, i * perImage, (i + 1) * perImage),
                      Arrays.copyOfRange(cls, i * dim(), (i + 1) * dim())));
        }
      }
    }
    return images;
  }

  private IntermediateLayers layers(NDManager scope, List<RgbImage> crops, TokenBlocks blocks) {
    return backbone.intermediateLayers(
        scope,
        GradMode.NO_GRAD,
        pixels(scope, crops),
        blocks.indices().stream().mapToInt(Integer::intValue).toArray(),
        blocks.normed(),
        false);
  }

  private NDArray pixels(NDManager scope, List<RgbImage> crops) {
    int side = crops.get(0).width();
    EvalTransform normalise =
        new Preprocessing(side, side, preprocessing.mean(), preprocessing.std()).transform();
    float[] pixels = new float[crops.size() * normalise.length()];
    for (int i = 0; i < crops.size(); i++) {
      normalise.apply(crops.get(i), pixels, i * normalise.length());
    }
    return Tensors.of(scope, pixels, crops.size(), 3, side, side);
  }

  @Override
  public void close() {
    backbone.close();
  }
}
