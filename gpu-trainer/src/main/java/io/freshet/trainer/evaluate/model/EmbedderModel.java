package io.freshet.trainer.evaluate.model;

import io.freshet.trainer.evaluate.probe.FeatureRange;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.model.Preprocessing;
import java.util.List;

/**
 * A model that gives one vector an image and no tokens: ONNX or TorchScript. Vectors are made as
 * long as a layer-normed token of their dimension would be, for which the linear probe's learning
 * rates are meant.
 */
public final class EmbedderModel implements EvaluatedModel {
  private final String description;
  private final ImageEmbedder embedder;
  private final Preprocessing preprocessing;

  /**
   * @param embedder takes prepared images as they are; closed with this
   */
  EmbedderModel(String description, ImageEmbedder embedder, Preprocessing preprocessing) {
    this.description = description;
    this.embedder = embedder;
    this.preprocessing = preprocessing;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public Preprocessing preprocessing() {
    return preprocessing;
  }

  @Override
  public float[][] features(List<RgbImage> crops) {
    float[][] vectors = embedder.embed(crops);
    float length = (float) Math.sqrt(embedder.dim());
    for (float[] vector : vectors) {
      for (int i = 0; i < vector.length; i++) {
        vector[i] *= length;
      }
    }
    return vectors;
  }

  @Override
  public FeatureRange embedding() {
    return new FeatureRange("the model's vector", 0, embedder.dim());
  }

  @Override
  public List<FeatureRange> probeInputs() {
    return List.of(embedding());
  }

  @Override
  public void close() {
    embedder.close();
  }
}
