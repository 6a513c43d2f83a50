package io.freshet.vision.embed;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Embeds with ONNX Runtime: one float input {@code (N, 3, H, W)}, a named float output {@code (N,
 * D)}.
 */
final class OnnxEmbedder extends BatchedEmbedder {

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String input;
  private final String output;
  private final int dim;
  private final int maxBatch;

  private OnnxEmbedder(
      EmbeddingSpace space, EmbedderSpec spec, OrtEnvironment environment, OrtSession session)
      throws OrtException {
    super(space, spec);
    this.environment = environment;
    this.session = session;
    if (session.getInputInfo().size() != 1) {
      throw new EmbeddingException(
          "the ONNX model takes "
              + session.getInputInfo().keySet()
              + ", one image input is supported");
    }
    this.input = session.getInputNames().iterator().next();
    this.output = spec.output().isEmpty() ? onlyOutput(session) : spec.output();
    long[] wanted = {-1, 3, spec.imageSize(), spec.imageSize()};
    long[] shape = shape(session.getInputInfo(), input);
    for (int i = 0; i < 4; i++) {
      if (shape.length != 4 || (i > 0 && shape[i] > 0 && shape[i] != wanted[i])) {
        throw new EmbeddingException(
            "the ONNX model's input "
                + input
                + " is not (N, 3, "
                + spec.imageSize()
                + ", "
                + spec.imageSize()
                + "): set image_size");
      }
    }
    this.maxBatch = shape[0] > 0 ? Math.toIntExact(shape[0]) : super.maxBatch();
    if (maxBatch != 1 && shape[0] > 0) {
      throw new EmbeddingException(
          "the ONNX model takes batches of exactly "
              + shape[0]
              + "; export it with a dynamic batch, or 1");
    }
    this.dim = dim(spec);
  }

  /**
   * Opens a model.
   *
   * @param threads of one call, at least 1; parallelism comes from calling on several threads
   */
  static OnnxEmbedder open(EmbeddingSpace space, EmbedderSpec spec, byte[] model, int threads) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    OrtSession session = null;
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      session = environment.createSession(model, options);
      return new OnnxEmbedder(space, spec, environment, session);
    } catch (OrtException | EmbeddingException e) {
      closeQuietly(session, e);
      throw new EmbeddingException(
          "the ONNX model " + spec.file() + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static String onlyOutput(OrtSession session) {
    Set<String> outputs = session.getOutputNames();
    if (outputs.size() != 1) {
      throw new EmbeddingException(
          "the ONNX model has the outputs " + outputs + "; name one as output");
    }
    return outputs.iterator().next();
  }

  private static void closeQuietly(OrtSession session, Exception cause) {
    if (session != null) {
      try {
        session.close();
      } catch (OrtException e) {
        cause.addSuppressed(e);
      }
    }
  }

  private static long[] shape(Map<String, NodeInfo> nodes, String name) {
    NodeInfo node = nodes.get(name);
    if (node == null
        || !(node.getInfo() instanceof TensorInfo tensor)
        || tensor.type != OnnxJavaType.FLOAT) {
      throw new EmbeddingException(
          "the ONNX model has no float tensor " + name + " among " + nodes.keySet());
    }
    return tensor.getShape();
  }

  private int dim(EmbedderSpec spec) throws OrtException {
    long[] shape = shape(session.getOutputInfo(), output);
    if (shape.length != 2) {
      throw new EmbeddingException(
          "the ONNX model's output "
              + output
              + " has "
              + shape.length
              + " dimensions, (N, D) is supported");
    }
    if (shape[1] > 0) {
      return Math.toIntExact(shape[1]);
    }
    return run(new float[3 * spec.imageSize() * spec.imageSize()], 1, spec.imageSize())[0].length;
  }

  @Override
  public int dim() {
    return dim;
  }

  @Override
  int maxBatch() {
    return maxBatch;
  }

  @Override
  float[][] forward(float[] pixels, int count, int side) {
    try {
      return run(pixels, count, side);
    } catch (OrtException e) {
      throw new EmbeddingException(
          "ONNX Runtime failed on " + count + " images for " + space() + ": " + e.getMessage(), e);
    }
  }

  private float[][] run(float[] pixels, int count, int side) throws OrtException {
    long[] shape = {count, 3, side, side};
    try (OnnxTensor images = OnnxTensor.createTensor(environment, FloatBuffer.wrap(pixels), shape);
        OrtSession.Result result = session.run(Map.of(input, images), Set.of(output))) {
      Optional<OnnxValue> value = result.get(output);
      return (float[][])
          value.orElseThrow(() -> new EmbeddingException("no output " + output)).getValue();
    }
  }

  @Override
  void release() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new EmbeddingException("closing the session of " + space(), e);
    }
  }
}
