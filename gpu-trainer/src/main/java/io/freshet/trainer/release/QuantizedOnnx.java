package io.freshet.trainer.release;

import io.freshet.vision.embed.Cosine;
import java.util.Map;

/**
 * The eight-bit form of a release and how far its features drift from those of the whole one.
 *
 * @param model an ONNX file
 * @param meanCosine between both features of an image, over {@code images} EVALUATION images
 * @param minCosine of the worst image
 */
public record QuantizedOnnx(byte[] model, double meanCosine, double minCosine, int images) {
  /** Where JavaScript clients look for it ({@code dtype: 'q8'}). */
  public static final String FILE = "onnx/model_quantized.onnx";

  /**
   * @param whole features of the released model
   * @param quantised of the same images by {@code model}
   */
  public static QuantizedOnnx measured(byte[] model, float[][] whole, float[][] quantised) {
    double sum = 0;
    double worst = 1;
    for (int i = 0; i < whole.length; i++) {
      double cosine = Cosine.of(whole[i], quantised[i]);
      sum += cosine;
      worst = Math.min(worst, cosine);
    }
    return new QuantizedOnnx(model, sum / whole.length, worst, whole.length);
  }

  /** What the manifest says of it. */
  public Map<String, Double> metrics() {
    return Map.of(
        "int8/cosine_mean",
        meanCosine,
        "int8/cosine_min",
        minCosine,
        "int8/images",
        (double) images);
  }
}
