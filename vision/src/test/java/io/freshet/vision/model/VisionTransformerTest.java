package io.freshet.vision.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.vision.torch.Autograd;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.WeightTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class VisionTransformerTest {

  private static final VisionTransformerConfig TINY = VisionTransformerConfig.of(32, 8, 32, 2, 4);
  private static TorchScriptLibrary library;
  private static NDManager owner;

  @BeforeAll
  static void load() {
    TorchRuntime runtime = TorchRuntime.start();
    List<ScriptSource> sources = new ArrayList<>(ScriptSource.visionTransformer());
    sources.add(
        new ScriptSource(
            "total.py",
            "def total(self, xs: List[Tensor]) -> Tensor:\n  return torch.cat([x.flatten() ** 3 for x in xs], 0).sum()\n"));
    library = TorchScriptLibrary.load(runtime, sources);
    owner = runtime.newManager();
  }

  @AfterAll
  static void close() {
    owner.close();
    library.close();
  }

  private static NDArray images(int count, int height, int width) {
    Random random = new Random(7);
    float[] values = new float[count * 3 * height * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensors.of(owner, values, count, 3, height, width);
  }

  @Test
  void publishedArchitecturesHaveTheirPublishedSizes() {
    assertEquals(22_056_576, parameters(VisionTransformerConfig.vitSmall(14, 518)));
    assertEquals(86_580_480, parameters(VisionTransformerConfig.vitBase(14, 518)));
    assertEquals(304_368_640, parameters(VisionTransformerConfig.vitLarge(14, 518)));
    assertEquals(1_136_480_768, parameters(VisionTransformerConfig.vitGiant2(14, 518)));
    assertEquals(4096, VisionTransformerConfig.vitGiant2(14, 518).hiddenDim());
  }

  private static long parameters(VisionTransformerConfig config) {
    return config.parameterShapes().values().stream().mapToLong(shape -> shape.size()).sum();
  }

  @Test
  void initialisesLikeDinov2() {
    try (VisionTransformer model = VisionTransformer.initialise(library, TINY, 3)) {
      assertEquals(0.02, deviation(model, "blocks.0.mlp.fc1.weight"), 0.001);
      assertEquals(0.02, deviation(model, "pos_embed"), 0.003);
      assertEquals(1 / Math.sqrt(3 * 64 * 3), deviation(model, "patch_embed.proj.weight"), 0.001);
      assertTrue(deviation(model, "cls_token") < 3e-6);
      assertArrayEquals(new float[32], values(model, "blocks.1.attn.proj.bias"));
      assertArrayEquals(new float[32], values(model, "mask_token"));
      float[] gamma = new float[32];
      Arrays.fill(gamma, 1e-5f);
      assertArrayEquals(gamma, values(model, "blocks.1.ls2.gamma"));
      float[] ones = new float[32];
      Arrays.fill(ones, 1);
      assertArrayEquals(ones, values(model, "norm.weight"));
    }
  }

  private static float[] values(VisionTransformer model, String name) {
    return model.parameters().get(name).toFloatArray();
  }

  private static double deviation(VisionTransformer model, String name) {
    double sum = 0;
    float[] values = values(model, name);
    for (float v : values) {
      sum += (double) v * v;
    }
    return Math.sqrt(sum / values.length);
  }

  @Test
  void equalSeedsGiveEqualModelsAndOthersDoNot() {
    try (VisionTransformer a = VisionTransformer.initialise(library, TINY, 3);
        VisionTransformer b = VisionTransformer.initialise(library, TINY, 3);
        VisionTransformer c = VisionTransformer.initialise(library, TINY, 4)) {
      for (String name : a.parameters().keySet()) {
        assertArrayEquals(values(a, name), values(b, name), name);
      }
      assertFalse(Arrays.equals(values(a, "pos_embed"), values(c, "pos_embed")));
    }
  }

  @Test
  void swigluAndRegistersRunAndTrainInOneStep() {
    VisionTransformerConfig config =
        TINY.withFfn(VisionTransformerConfig.Ffn.SWIGLU).withRegisters(4).withLayerScaleInit(0);
    try (VisionTransformer model = VisionTransformer.initialise(library, config, 1)) {
      assertFalse(model.parameters().containsKey("blocks.0.ls1.gamma"));
      model.parameters().values().forEach(p -> Autograd.requireGrad(p, true));
      Features features = model.forwardFeatures(owner, GradMode.ENABLE_GRAD, images(2, 48, 24));
      assertArrayEquals(new long[] {2, 4, 32}, features.registerTokens().getShape().getShape());
      assertArrayEquals(new long[] {2, 18, 32}, features.patchTokens().getShape().getShape());
      Autograd.backward(
          library
              .call(
                  owner,
                  GradMode.ENABLE_GRAD,
                  "total",
                  TorchValue.tensors(List.of(features.clsToken(), features.registerTokens())))
              .tensor());
      for (String name :
          List.of(
              "register_tokens", "blocks.0.mlp.w12.weight", "blocks.1.mlp.w3.bias", "pos_embed")) {
        float[] gradient = Autograd.gradient(model.parameters().get(name)).toFloatArray();
        assertTrue(IntStream.range(0, gradient.length).anyMatch(i -> gradient[i] != 0), name);
      }
    }
  }

  @Test
  void aFreshModelGivesTheSameBitsOnEveryCall() {
    try (VisionTransformer model =
        VisionTransformer.initialise(library, TINY.withLayerScaleInit(1), 5)) {
      NDArray x = images(2, 32, 32);
      float[] first = model.forwardFeatures(owner, GradMode.NO_GRAD, x).clsToken().toFloatArray();
      for (int i = 0; i < 20; i++) {
        assertArrayEquals(
            first, model.forwardFeatures(owner, GradMode.NO_GRAD, x).clsToken().toFloatArray());
      }
    }
  }

  @Test
  void stochasticDepthKeepsTheStatedShareOfEveryBatch() {
    List<long[]> kept =
        StochasticDepth.draw(new Random(1), StochasticDepth.uniform(0.4, 2), 10, 3, 1);
    assertEquals(2 * 2 * 3, kept.size());
    for (int i = 0; i < kept.size(); i++) {
      long batch = new long[] {10, 3, 1}[i % 3];
      assertEquals(new int[] {6, 1, 1}[i % 3], kept.get(i).length);
      assertEquals(
          kept.get(i).length,
          Arrays.stream(kept.get(i)).distinct().filter(k -> k >= 0 && k < batch).count());
    }
    assertTrue(StochasticDepth.draw(new Random(1), StochasticDepth.uniform(0, 2), 10).isEmpty());
  }

  @Test
  void weightsOfAnotherShapeAreRefusedByName() {
    StateDict.Builder weights = StateDict.builder();
    TINY.parameterShapes()
        .forEach(
            (name, shape) ->
                weights.put(
                    name, WeightTensor.ofFloats(new float[(int) shape.size()], shape.getShape())));
    VisionTransformerConfig wider = TINY.withImageSize(48);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> VisionTransformer.of(library, wider, weights.build()));
    assertTrue(e.getMessage().contains("pos_embed"), e.getMessage());
  }

  @Test
  void anImageThatIsNoMultipleOfThePatchIsRefused() {
    try (VisionTransformer model = VisionTransformer.initialise(library, TINY, 5)) {
      NDArray x = images(1, 36, 32);
      Exception e =
          assertThrows(
              RuntimeException.class, () -> model.forwardFeatures(owner, GradMode.NO_GRAD, x));
      assertTrue(e.getMessage().contains("multiples of the patch size 8"), e.getMessage());
    }
  }
}
