package io.freshet.trainer.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.vision.model.VisionTransformer;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.transform.EvalTransform;
import java.util.Arrays;
import java.util.List;

/**
 * The normalised class token ({@code x_norm_clstoken}) of a backbone in memory, on the crops that
 * the evaluation sets hold ready.
 */
public final class BackboneFeatures implements FeatureSource {
  private final VisionTransformer backbone;
  private final EvalTransform transform;
  private final int batchImages;
  private final Runnable watch;

  /**
   * @param backbone stays the caller's
   * @param watch is run before each batch; what it throws ends the work
   */
  public BackboneFeatures(VisionTransformer backbone, EvaluationConfig config, Runnable watch) {
    this.watch = watch;
    this.backbone = backbone;
    this.transform = config.normalisation();
    this.batchImages = config.batchImages();
  }

  @Override
  public float[][] features(List<EvaluationImage> images) {
    float[][] features = new float[images.size()][];
    for (int start = 0; start < images.size(); start += batchImages) {
      watch.run();
      int end = Math.min(start + batchImages, images.size());
      forward(images.subList(start, end), features, start);
    }
    return features;
  }

  private void forward(List<EvaluationImage> images, float[][] features, int start) {
    float[] pixels = new float[images.size() * transform.length()];
    for (int i = 0; i < images.size(); i++) {
      transform.apply(images.get(i).crop(), pixels, i * transform.length());
    }
    int side = transform.size();
    int dim = backbone.config().embedDim();
    try (NDManager scope = backbone.library().runtime().newManager()) {
      NDArray input = Tensors.of(scope, pixels, images.size(), 3, side, side);
      float[] cls =
          backbone.forwardFeatures(scope, GradMode.NO_GRAD, input).clsToken().toFloatArray();
      for (int i = 0; i < images.size(); i++) {
        features[start + i] = Arrays.copyOfRange(cls, i * dim, (i + 1) * dim);
      }
    }
  }
}
