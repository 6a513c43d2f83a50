package io.freshet.deploy.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Map;

/** An exported backbone in ONNX Runtime on the CPU. */
final class OnnxPeer {
  private OnnxPeer() {}

  /**
   * @param model an ONNX file with input {@code pixel_values}
   * @param pixels of one batch
   * @param shape {@code (B, 3, H, W)}
   */
  static Timings timings(
      byte[] model, float[] pixels, long[] shape, int threads, int warmups, int repetitions) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      try (OrtSession session = environment.createSession(model, options);
          OnnxTensor images =
              OnnxTensor.createTensor(environment, FloatBuffer.wrap(pixels), shape)) {
        return Timings.of(warmups, repetitions, () -> run(session, images));
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime refused the exported model", e);
    }
  }

  private static void run(OrtSession session, OnnxTensor images) {
    try {
      session.run(Map.of("pixel_values", images)).close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed", e);
    }
  }
}
