package io.freshet.sink.patch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.model.VisionTransformer;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.transform.EvalTransform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The patches of images in a release's vision transformer, at the release's size or, if that is
 * small, enlarged to {@value #LEAST_GRID} patches a side.
 */
final class PatchTokens {
  private static final int LEAST_GRID = 16;

  private PatchTokens() {}

  /**
   * @param side patches of a side
   * @param tokens {@code (images * side * side, D)}, row by row
   * @param brightness mean of the normalised pixels of each patch
   */
  record Grid(int side, float[][] tokens, float[] brightness) {}

  /**
   * Opens the backbone, takes the images one by one, closes it. Takes a second or so.
   *
   * @throws IOException when the weights can't be used
   */
  static Grid of(Path release, Preprocessing preprocessing, List<RgbImage> images)
      throws IOException {
    try (TorchScriptLibrary library =
            TorchScriptLibrary.load(TorchRuntime.start(), ScriptSource.visionTransformer());
        VisionTransformer model = HuggingFaceDirectory.open(release, library)) {
      int patch = model.config().patchSize();
      int pixels = Math.max(preprocessing.imageSize(), LEAST_GRID * patch) / patch * patch;
      EvalTransform transform =
          new Preprocessing(pixels, pixels, preprocessing.mean(), preprocessing.std()).transform();
      int side = pixels / patch;
      float[][] tokens = new float[images.size() * side * side][];
      float[] brightness = new float[tokens.length];
      for (int i = 0; i < images.size(); i++) {
        float[] planes = new float[transform.length()];
        transform.apply(images.get(i), planes, 0);
        put(tokens(model, planes, pixels), model.config().embedDim(), tokens, i * side * side);
        brighten(planes, pixels, patch, brightness, i * side * side);
      }
      return new Grid(side, tokens, brightness);
    }
  }

  private static float[] tokens(VisionTransformer model, float[] planes, int pixels) {
    try (NDManager call = model.library().runtime().newManager()) {
      NDArray image = Tensors.of(call, planes, 1, 3, pixels, pixels);
      return model
          .forwardFeatures(call, GradMode.INFERENCE_MODE, image)
          .patchTokens()
          .toFloatArray();
    }
  }

  private static void put(float[] flat, int dim, float[][] tokens, int first) {
    for (int p = 0; p * dim < flat.length; p++) {
      tokens[first + p] = Arrays.copyOfRange(flat, p * dim, (p + 1) * dim);
    }
  }

  private static void brighten(float[] planes, int pixels, int patch, float[] into, int first) {
    int side = pixels / patch;
    for (int i = 0; i < planes.length; i++) {
      int y = i / pixels % pixels;
      int x = i % pixels;
      into[first + y / patch * side + x / patch] += planes[i] / (3f * patch * patch);
    }
  }
}
