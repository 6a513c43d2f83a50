package io.freshet.trainer.release;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.freshet.vision.embed.Cosine;
import io.freshet.vision.model.Features;
import io.freshet.vision.model.VisionTransformer;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.WeightTensor;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The exported graph in ONNX Runtime against the same weights in libtorch. */
class OnnxExportTest {
  private static final double MIN_COSINE = 0.9999;
  private static final double MAX_DIFFERENCE = 2e-4;

  private static TorchScriptLibrary library;

  @BeforeAll
  static void load() {
    TorchRuntime runtime = TorchRuntime.start();
    library = TorchScriptLibrary.load(runtime, ScriptSource.visionTransformer());
  }

  @AfterAll
  static void close() {
    library.close();
  }

  static Stream<Arguments> models() {
    VisionTransformerConfig plain =
        VisionTransformerConfig.of(32, 8, 48, 3, 4).withLayerScaleInit(1);
    return Stream.of(
        Arguments.of("mlp", plain),
        Arguments.of("swiglu", plain.withFfn(Ffn.SWIGLU)),
        Arguments.of("registers", plain.withRegisters(4)),
        Arguments.of("no layer scale", plain.withLayerScaleInit(0)),
        Arguments.of("offset without registers", plain.withInterpolation(0, false)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  void equalsLibtorchAtEverySize(String name, VisionTransformerConfig config) throws OrtException {
    StateDict weights = randomWeights(config);
    byte[] model = OnnxExport.export(config, weights).toByteArray();
    try (VisionTransformer reference = VisionTransformer.of(library, config, weights);
        OrtSession session = OrtEnvironment.getEnvironment().createSession(model)) {
      // Trained size; larger; smaller; as many patches as trained but not square; one patch.
      for (int[] size : new int[][] {{32, 32}, {64, 48}, {16, 24}, {16, 64}, {8, 8}}) {
        for (int batch : new int[] {1, 3}) {
          compare(name, reference, session, batch, size[0], size[1]);
        }
      }
    }
  }

  private static void compare(
      String name,
      VisionTransformer reference,
      OrtSession session,
      int batch,
      int height,
      int width)
      throws OrtException {
    float[] pixels = pixels(batch * 3 * height * width);
    long[] shape = {batch, 3, height, width};
    try (NDManager scope = library.runtime().newManager();
        OnnxTensor input =
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(), FloatBuffer.wrap(pixels), shape);
        OrtSession.Result result = session.run(Map.of("pixel_values", input))) {
      Features features =
          reference.forwardFeatures(scope, GradMode.NO_GRAD, Tensors.of(scope, pixels, shape));
      NDArray tokens =
          features
              .clsToken()
              .expandDims(1)
              .concat(features.registerTokens(), 1)
              .concat(features.patchTokens(), 1);
      String where = "%s at %d x %d".formatted(name, height, width);
      OnnxTensor hidden = (OnnxTensor) result.get("last_hidden_state").orElseThrow();
      assertArrayEquals(tokens.getShape().getShape(), hidden.getInfo().getShape(), where);
      assertClose(where, tokens.toFloatArray(), hidden.getFloatBuffer().array());
      OnnxTensor pooled = (OnnxTensor) result.get("pooler_output").orElseThrow();
      assertClose(where, features.clsToken().toFloatArray(), pooled.getFloatBuffer().array());
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  void theEightBitFormStaysNearTheWholeOne(String name, VisionTransformerConfig config)
      throws OrtException {
    StateDict weights = randomWeights(config);
    byte[] model = OnnxExport.export(config, weights).toByteArray();
    byte[] int8 = OnnxExport.exportInt8(config, weights).toByteArray();
    assertTrue(int8.length < 0.4 * model.length, int8.length + " of " + model.length);
    float[][] whole = new float[8][];
    float[][] quantised = new float[8][];
    try (OrtSession exact = OrtEnvironment.getEnvironment().createSession(model);
        OrtSession session = OrtEnvironment.getEnvironment().createSession(int8)) {
      for (int i = 0; i < whole.length; i++) {
        float[] pixels = pixels(3 * 32 * 32 + i);
        whole[i] = pooled(exact, pixels);
        quantised[i] = pooled(session, pixels);
      }
    }
    QuantizedOnnx measured = QuantizedOnnx.measured(int8, whole, quantised);
    assertTrue(measured.minCosine() > 0.97, name + ": " + measured.metrics());
    assertTrue(measured.meanCosine() < 1, name + " is not quantised at all");
  }

  private static float[] pooled(OrtSession session, float[] pixels) throws OrtException {
    try (OnnxTensor input =
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(),
                FloatBuffer.wrap(pixels, 0, 3 * 32 * 32),
                new long[] {1, 3, 32, 32});
        OrtSession.Result result = session.run(Map.of("pixel_values", input))) {
      return ((float[][]) result.get("pooler_output").orElseThrow().getValue())[0];
    }
  }

  @Test
  void namesTheParameterThatIsMissing() {
    VisionTransformerConfig config = VisionTransformerConfig.of(32, 8, 48, 2, 4);
    StateDict.Builder partial = StateDict.builder();
    randomWeights(config)
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (!name.equals("blocks.1.mlp.fc2.weight")) {
                partial.put(name, tensor);
              }
            });
    StateDict weights = partial.build();
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> OnnxExport.export(config, weights));
    assertTrue(refusal.getMessage().contains("blocks.1.mlp.fc2.weight"), refusal.getMessage());
  }

  @Test
  void statesItsOperatorSet() {
    VisionTransformerConfig config = VisionTransformerConfig.of(32, 8, 48, 1, 4);
    ModelProto model = OnnxExport.export(config, randomWeights(config));
    assertEquals(
        List.of(18L), model.getOpsetImportList().stream().map(o -> o.getVersion()).toList());
    assertEquals(1, model.getGraph().getInputCount());
  }

  /** Weights large enough that no part of the graph could be left out unnoticed. */
  private static StateDict randomWeights(VisionTransformerConfig config) {
    Random random = new Random(5);
    StateDict.Builder weights = StateDict.builder();
    config
        .parameterShapes()
        .forEach(
            (name, shape) -> {
              float[] values = new float[Math.toIntExact(shape.size())];
              float centre = name.endsWith("norm.weight") || name.endsWith("gamma") ? 1 : 0;
              for (int i = 0; i < values.length; i++) {
                values[i] = centre + 0.3f * (float) random.nextGaussian();
              }
              weights.put(name, WeightTensor.ofFloats(values, shape.getShape()));
            });
    return weights.build();
  }

  private static float[] pixels(int count) {
    Random random = new Random(count);
    float[] pixels = new float[count];
    for (int i = 0; i < count; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return pixels;
  }

  private static void assertClose(String where, float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length, where);
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i] - actual[i]));
    }
    double cosine = Cosine.of(expected, actual);
    double difference = largest;
    assertTrue(cosine >= MIN_COSINE, () -> where + ": cosine " + cosine);
    assertTrue(difference <= MAX_DIFFERENCE, () -> where + ": difference " + difference);
  }
}
