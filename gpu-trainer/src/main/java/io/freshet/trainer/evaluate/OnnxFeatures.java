package io.freshet.trainer.evaluate;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.freshet.vision.transform.EvalTransform;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The class tokens of an exported model, computed by ONNX Runtime. One owner thread; closed by
 * whoever opened it.
 */
public final class OnnxFeatures implements FeatureSource, AutoCloseable {
  private final OrtSession session;
  private final EvalTransform transform;
  private final Runnable watch;

  /**
   * @param model an ONNX file as {@code OnnxExport} makes it
   * @param watch is run before each image; what it throws ends the work
   * @throws IllegalArgumentException when ONNX Runtime does not open it
   */
  public OnnxFeatures(byte[] model, EvaluationConfig config, Runnable watch) {
    this.transform = config.normalisation();
    this.watch = watch;
    try {
      this.session = OrtEnvironment.getEnvironment().createSession(model);
    } catch (OrtException e) {
      throw new IllegalArgumentException("ONNX Runtime opens no such model", e);
    }
  }

  @Override
  public float[][] features(List<EvaluationImage> images) {
    float[][] features = new float[images.size()][];
    for (int i = 0; i < features.length; i++) {
      watch.run();
      features[i] = features(images.get(i));
    }
    return features;
  }

  private float[] features(EvaluationImage image) {
    float[] pixels = new float[transform.length()];
    transform.apply(image.crop(), pixels, 0);
    long[] shape = {1, 3, transform.size(), transform.size()};
    try (OnnxTensor input =
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(), FloatBuffer.wrap(pixels), shape);
        OrtSession.Result result =
            session.run(Map.of("pixel_values", input), Set.of("pooler_output"))) {
      return ((float[][]) result.get(0).getValue())[0];
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed on an EVALUATION image", e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("closing a session of ONNX Runtime", e);
    }
  }
}
