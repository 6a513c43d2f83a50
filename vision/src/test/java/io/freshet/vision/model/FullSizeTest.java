package io.freshet.vision.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A ViT-S/14 as published, 37 x 37 positions, with drawn weights, at the sizes that it is used at.
 */
class FullSizeTest {

  private static final int BATCH = 2;
  private static TorchScriptLibrary library;
  private static VisionTransformer model;

  @BeforeAll
  static void load() {
    library = TorchScriptLibrary.load(TorchRuntime.start(), ScriptSource.visionTransformer());
    model =
        VisionTransformer.initialise(
            library, VisionTransformerConfig.vitSmall(14, 518).withLayerScaleInit(1), 11);
  }

  @AfterAll
  static void close() {
    model.close();
    library.close();
  }

  @ParameterizedTest
  @CsvSource({"224, 256", "518, 1369"})
  void featuresAreFiniteAndThoseOfEachImageAlone(int size, int patches) {
    Random random = new Random(size);
    float[] pixels = new float[BATCH * 3 * size * size];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    try (NDManager owner = library.runtime().newManager()) {
      NDArray images = Tensors.of(owner, pixels, BATCH, 3, size, size);
      Features together = model.forwardFeatures(owner, GradMode.INFERENCE_MODE, images);
      assertArrayEquals(new long[] {BATCH, 384}, together.clsToken().getShape().getShape());
      assertArrayEquals(
          new long[] {BATCH, patches, 384}, together.patchTokens().getShape().getShape());
      float[] all = together.prenorm().toFloatArray();
      assertTrue(spread(all) > 0.1, "features that say nothing: " + spread(all));
      int length = all.length / BATCH;
      for (int i = 0; i < BATCH; i++) {
        int image = 3 * size * size;
        float[] one = Arrays.copyOfRange(pixels, i * image, (i + 1) * image);
        float[] alone =
            model
                .forwardFeatures(
                    owner, GradMode.INFERENCE_MODE, Tensors.of(owner, one, 1, 3, size, size))
                .prenorm()
                .toFloatArray();
        assertArrayEquals(Arrays.copyOfRange(all, i * length, (i + 1) * length), alone, 1e-4f);
      }
    }
  }

  /** Standard deviation; no value is NaN or infinite. */
  private static double spread(float[] values) {
    double sum = 0;
    double squares = 0;
    for (float value : values) {
      assertTrue(Float.isFinite(value), "not finite");
      sum += value;
      squares += (double) value * value;
    }
    double mean = sum / values.length;
    return Math.sqrt(squares / values.length - mean * mean);
  }
}
