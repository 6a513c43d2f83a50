package io.freshet.trainer.evaluate.model;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What an ONNX file says of itself.
 *
 * @param side of the image that it takes; empty when any size is taken
 * @param vectors names of the outputs of two dimensions, one vector an image
 */
record OnnxSignature(OptionalInt side, List<String> vectors) {
  private static final List<String> USUAL = List.of("pooler_output", "features", "embedding");

  OnnxSignature {
    vectors = List.copyOf(vectors);
  }

  /**
   * @throws IllegalArgumentException when ONNX Runtime does not open it
   */
  static OnnxSignature of(Path file) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
      try (OrtSession session = environment.createSession(file.toString(), options)) {
        return of(session);
      }
    } catch (OrtException e) {
      throw new IllegalArgumentException(
          file + " is no ONNX model that can be opened: " + e.getMessage(), e);
    }
  }

  private static OnnxSignature of(OrtSession session) throws OrtException {
    OptionalInt side = OptionalInt.empty();
    for (NodeInfo input : session.getInputInfo().values()) {
      if (input.getInfo() instanceof TensorInfo tensor
          && tensor.getShape().length == 4
          && tensor.getShape()[3] > 0) {
        side = OptionalInt.of(Math.toIntExact(tensor.getShape()[3]));
      }
    }
    List<String> vectors = new ArrayList<>();
    for (Map.Entry<String, NodeInfo> output : session.getOutputInfo().entrySet()) {
      if (output.getValue().getInfo() instanceof TensorInfo tensor
          && tensor.getShape().length == 2) {
        vectors.add(output.getKey());
      }
    }
    return new OnnxSignature(side, vectors);
  }

  /**
   * The output to use: the one that was asked for, else the one with a usual name, else the only
   * one.
   *
   * @throws IllegalArgumentException when that leaves a choice, or nothing
   */
  String output(Path file, Optional<String> asked) {
    if (asked.isPresent() && vectors.contains(asked.get())) {
      return asked.get();
    }
    Optional<String> usual = USUAL.stream().filter(vectors::contains).findFirst();
    if (asked.isEmpty() && usual.isPresent()) {
      return usual.get();
    }
    if (asked.isEmpty() && vectors.size() == 1) {
      return vectors.get(0);
    }
    throw new IllegalArgumentException(
        "%s has the outputs %s that give a vector an image%s; name one of them with --output"
            .formatted(file, vectors, asked.map(name -> ", but no " + name).orElse("")));
  }
}
