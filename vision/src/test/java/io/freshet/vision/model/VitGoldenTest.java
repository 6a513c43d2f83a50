package io.freshet.vision.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import io.freshet.vision.torch.Autograd;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import io.freshet.vision.weights.PthReader;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.TrainingCheckpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The backbone against the reference's outputs; every array of every {@code *.outputs.npz} is
 * compared.
 */
class VitGoldenTest {

  private static final Pattern FEATURES =
      Pattern.compile("(\\d+x\\d+)(_masked)?/(x_\\w+?)(_offset([\\d.]+)_antialias([01]))?");
  private static final Pattern POS_EMBED =
      Pattern.compile("(\\d+)x(\\d+)/pos_embed_offset([\\d.]+)_antialias([01])");
  private static final Pattern INTER_RAW =
      Pattern.compile("(\\d+x\\d+)/inter(\\d)_raw_(patch|cls)");
  private static final Pattern INTER_LAST =
      Pattern.compile("(\\d+x\\d+)/inter_last2_(\\d)_norm_reshaped");
  private static final Pattern PACKED = Pattern.compile("packed(\\d)/(x_\\w+)");
  private static final Pattern STAGE =
      Pattern.compile(
          "(\\d+x\\d+)(_masked)?/(forward_default|patch_embed|prepare_tokens|block0_\\w+)");

  private static final VisionTransformerConfig STOCHASTIC_DEPTH_MODEL =
      VisionTransformerConfig.of(32, 8, 32, 2, 4);

  private static TorchScriptLibrary library;
  private static Npz inputs;
  private NDManager scope;

  @BeforeAll
  static void load() {
    List<ScriptSource> sources = new ArrayList<>(ScriptSource.visionTransformer());
    sources.add(new ScriptSource("objective.py", OBJECTIVE));
    library = TorchScriptLibrary.load(TorchRuntime.start(), sources);
    inputs = Goldens.npz("vit", "inputs.npz");
  }

  @AfterAll
  static void close() {
    library.close();
  }

  private static final String OBJECTIVE =
      """
      def weighted_mean(self, cls: Tensor, patch: Tensor, wc: Tensor, wp: Tensor) -> Tensor:
        return (cls * wc).mean() + (patch * wp).mean()

      def cubes(self, xs: List[Tensor]) -> Tensor:
        return torch.cat([x.flatten() ** 3 for x in xs], 0).mean()

      def move_(self, x: Tensor, direction: Tensor, step: float) -> None:
        x.add_(direction, alpha=step)

      def head(self, x: Tensor, p: Dict[str, Tensor]) -> Tensor:
        y = torch.gelu(self.linear(x, p, "mlp.0"))
        y = torch.gelu(self.linear(y, p, "mlp.2"))
        y = self.linear(y, p, "mlp.4")
        y = y / torch.clamp_min(torch.norm(y, 2, [-1], True), 1.0e-12)
        return torch.linear(y, torch._weight_norm(p["last_layer.weight_v"], p["last_layer.weight_g"], 0), None)
      """;

  static Stream<String> variants() {
    return Goldens.cases("vit", ".outputs.npz").stream()
        .filter(name -> !name.startsWith("teacher_checkpoint"));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void everyOutputAgreesWithTheReference(String variant) {
    VisionTransformerConfig config = VitGoldens.config(variant);
    StateDict weights = VitGoldens.stateDict(Goldens.npz("vit", variant + ".weights.npz").arrays());
    Npz outputs = Goldens.npz("vit", variant + ".outputs.npz");
    try (NDManager owner = library.runtime().newManager();
        VisionTransformer model = VisionTransformer.of(library, config, weights)) {
      scope = owner;
      for (String name : outputs.names()) {
        Agreement.assertClose(
            outputs.get(name),
            compute(model, weights, name),
            variant + " " + name,
            Agreement.OUTPUT_ABS,
            0);
      }
      assertTrue(outputs.names().size() >= 20, "few arrays in " + variant);
    }
  }

  private NDArray compute(VisionTransformer model, StateDict weights, String name) {
    Matcher m = POS_EMBED.matcher(name);
    if (m.matches()) {
      return posEmbed(model, m);
    }
    m = INTER_RAW.matcher(name);
    if (m.matches()) {
      IntermediateLayers layers =
          model.intermediateLayers(
              scope, GradMode.INFERENCE_MODE, input(m.group(1)), new int[] {0, 1, 2}, false, false);
      int layer = Integer.parseInt(m.group(2));
      return m.group(3).equals("patch")
          ? layers.patchTokens().get(layer)
          : layers.clsTokens().get(layer);
    }
    m = INTER_LAST.matcher(name);
    if (m.matches()) {
      int depth = model.config().depth();
      return model
          .intermediateLayers(
              scope,
              GradMode.INFERENCE_MODE,
              input(m.group(1)),
              new int[] {depth - 2, depth - 1},
              true,
              true)
          .patchTokens()
          .get(Integer.parseInt(m.group(2)));
    }
    m = PACKED.matcher(name);
    if (m.matches()) {
      List<NDArray> images = List.of(input("32x32"), input("16x16"));
      List<NDArray> masks = List.of(masks(), Tensors.of(scope, new boolean[0], 0));
      List<Features> packed =
          model.forwardPacked(scope, GradMode.NO_GRAD, images, masks, List.of());
      return feature(packed.get(Integer.parseInt(m.group(1))), m.group(2));
    }
    m = STAGE.matcher(name);
    if (m.matches()) {
      return stage(model, m.group(3), input(m.group(1)), m.group(2) != null ? masks() : noMask());
    }
    m = FEATURES.matcher(name);
    assertTrue(m.matches(), "no rule computes the reference array " + name);
    if (m.group(4) == null) {
      return feature(forward(model, m), m.group(3));
    }
    VisionTransformerConfig changed =
        model.config().withInterpolation(Double.parseDouble(m.group(5)), m.group(6).equals("1"));
    try (VisionTransformer other = VisionTransformer.of(library, changed, weights)) {
      return feature(forward(other, m), m.group(3));
    }
  }

  private Features forward(VisionTransformer model, Matcher m) {
    NDArray images = input(m.group(1));
    return m.group(2) == null
        ? model.forwardFeatures(scope, GradMode.INFERENCE_MODE, images)
        : model.forwardFeatures(scope, GradMode.INFERENCE_MODE, images, masks());
  }

  private NDArray stage(VisionTransformer model, String stage, NDArray images, NDArray masks) {
    TorchValue p = TorchValue.dict(model.parameters());
    TorchValue heads = TorchValue.integer(model.config().heads());
    if (stage.equals("forward_default")) {
      return model.forwardFeatures(scope, GradMode.NO_GRAD, images, masks).clsToken();
    } else if (stage.equals("patch_embed")) {
      return call("patch_embed", TorchValue.tensor(images), p);
    }
    NDArray tokens =
        call(
            "prepare_tokens",
            TorchValue.tensor(images),
            TorchValue.tensor(masks),
            p,
            TorchValue.real(model.config().interpolateOffset()),
            TorchValue.flag(model.config().interpolateAntialias()));
    if (stage.equals("prepare_tokens")) {
      return tokens;
    } else if (stage.equals("block0_out")) {
      return call("block", TorchValue.tensor(tokens), p, TorchValue.text("blocks.0."), heads);
    }
    NDArray normed =
        call("layer_norm", TorchValue.tensor(tokens), p, TorchValue.text("blocks.0.norm1"));
    if (stage.equals("block0_norm1")) {
      return normed;
    }
    assertEquals("block0_attn", stage);
    return call(
        "attention", TorchValue.tensor(normed), p, TorchValue.text("blocks.0.attn."), heads);
  }

  private NDArray posEmbed(VisionTransformer model, Matcher m) {
    int patch = model.config().patchSize();
    return call(
        "interpolate_pos_encoding",
        TorchValue.dict(model.parameters()),
        TorchValue.integer(Integer.parseInt(m.group(1)) / patch),
        TorchValue.integer(Integer.parseInt(m.group(2)) / patch),
        TorchValue.real(Double.parseDouble(m.group(3))),
        TorchValue.flag(m.group(4).equals("1")));
  }

  private NDArray call(String method, TorchValue... arguments) {
    return library.call(scope, GradMode.NO_GRAD, method, arguments).tensor();
  }

  private NDArray input(String size) {
    return VitGoldens.tensor(scope, inputs.get("x_" + size));
  }

  private NDArray masks() {
    return VitGoldens.tensor(scope, inputs.get("masks_32x32"));
  }

  private NDArray noMask() {
    return Tensors.of(scope, new boolean[0], 0);
  }

  private static NDArray feature(Features features, String name) {
    return switch (name) {
      case "x_norm_clstoken" -> features.clsToken();
      case "x_norm_regtokens" -> features.registerTokens();
      case "x_norm_patchtokens" -> features.patchTokens();
      case "x_prenorm" -> features.prenorm();
      default -> throw new IllegalArgumentException(name);
    };
  }

  static Stream<String> gradientCases() {
    return Goldens.cases("vit", ".grads.npz").stream();
  }

  @ParameterizedTest
  @MethodSource("gradientCases")
  void gradientsAgreeWithTheReference(String variant) {
    Npz wanted = Goldens.npz("vit", variant + ".grads.npz");
    StateDict weights = VitGoldens.stateDict(Goldens.npz("vit", variant + ".weights.npz").arrays());
    try (NDManager owner = library.runtime().newManager();
        VisionTransformer model =
            VisionTransformer.of(library, VitGoldens.config(variant), weights)) {
      scope = owner;
      model.parameters().values().forEach(p -> Autograd.requireGrad(p, true));
      NDArray images = input("32x32");
      Autograd.requireGrad(images, true);
      Features features = model.forwardFeatures(owner, GradMode.ENABLE_GRAD, images, masks());
      NDArray loss =
          library
              .call(
                  owner,
                  GradMode.ENABLE_GRAD,
                  "weighted_mean",
                  TorchValue.tensor(features.clsToken()),
                  TorchValue.tensor(features.patchTokens()),
                  TorchValue.tensor(VitGoldens.tensor(owner, wanted.get("wc"))),
                  TorchValue.tensor(VitGoldens.tensor(owner, wanted.get("wp"))))
              .tensor();
      Agreement.assertClose(wanted.get("loss"), loss, "loss", 1e-6, 1e-5);
      Autograd.backward(loss);
      Agreement.assertClose(
          wanted.get("grad_input"), Autograd.gradient(images), "grad_input", 1e-6, 1e-3);
      Map<String, Npz.Array> gradients = wanted.under("grad/");
      assertEquals(model.parameters().keySet(), gradients.keySet());
      gradients.forEach(
          (name, gradient) ->
              Agreement.assertClose(
                  gradient, Autograd.gradient(model.parameters().get(name)), name, 1e-6, 1e-3));
    }
  }

  @Test
  void stochasticDepthAgreesWithTheReferenceForItsRecordedIndices() {
    Npz recorded = Goldens.npz("vit", "stochastic_depth_packed.npz");
    StateDict weights = VitGoldens.stateDict(recorded.under("param/"));
    try (NDManager owner = library.runtime().newManager();
        VisionTransformer model = VisionTransformer.of(library, STOCHASTIC_DEPTH_MODEL, weights)) {
      scope = owner;
      List<Features> outputs =
          model.forwardPacked(
              owner,
              GradMode.NO_GRAD,
              packedImages(recorded),
              List.of(noMask(), noMask()),
              recordedIndices(recorded));
      for (int list = 0; list < 2; list++) {
        String name = "out" + list + "_x_prenorm";
        Agreement.assertClose(
            recorded.get(name), outputs.get(list).prenorm(), name, Agreement.OUTPUT_ABS, 0);
      }
    }
  }

  @Test
  void gradientsOfThePackedPassWithStochasticDepthAgreeWithFiniteDifferences() {
    Npz recorded = Goldens.npz("vit", "stochastic_depth_packed.npz");
    StateDict weights = VitGoldens.stateDict(recorded.under("param/"));
    try (NDManager owner = library.runtime().newManager();
        VisionTransformer model = VisionTransformer.of(library, STOCHASTIC_DEPTH_MODEL, weights)) {
      scope = owner;
      List<String> names = recorded.under("grad/").keySet().stream().toList();
      names.forEach(name -> Autograd.requireGrad(model.parameters().get(name), true));
      Autograd.backward(cubes(model, recorded, GradMode.ENABLE_GRAD));
      for (String name : names) {
        NDArray parameter = model.parameters().get(name);
        NDArray gradient = Autograd.gradient(parameter);
        double squared = 0;
        for (float g : gradient.toFloatArray()) {
          squared += (double) g * g;
        }
        double step = 2e-3 / Math.sqrt(squared);
        move(parameter, gradient, step);
        double above = cubes(model, recorded, GradMode.NO_GRAD).getFloat();
        move(parameter, gradient, -2 * step);
        double below = cubes(model, recorded, GradMode.NO_GRAD).getFloat();
        move(parameter, gradient, step);
        assertEquals(1, (above - below) / (2 * step) / squared, 0.03, name);
      }
    }
  }

  private NDArray cubes(VisionTransformer model, Npz recorded, GradMode mode) {
    List<Features> outputs =
        model.forwardPacked(
            scope,
            mode,
            packedImages(recorded),
            List.of(noMask(), noMask()),
            recordedIndices(recorded));
    List<NDArray> tokens = outputs.stream().map(Features::prenorm).toList();
    return library.call(scope, mode, "cubes", TorchValue.tensors(tokens)).tensor();
  }

  private void move(NDArray parameter, NDArray direction, double step) {
    library.call(
        scope,
        GradMode.NO_GRAD,
        "move_",
        TorchValue.tensor(parameter),
        TorchValue.tensor(direction),
        TorchValue.real(step));
  }

  private List<NDArray> packedImages(Npz recorded) {
    return List.of(
        VitGoldens.tensor(scope, recorded.get("x_list0")),
        VitGoldens.tensor(scope, recorded.get("x_list1")));
  }

  private List<NDArray> recordedIndices(Npz recorded) {
    List<NDArray> kept = new ArrayList<>();
    for (int block = 0; block < STOCHASTIC_DEPTH_MODEL.depth(); block++) {
      for (String residual : List.of("attn", "ffn")) {
        for (int list = 0; list < 2; list++) {
          String name = "block" + block + "_" + residual + "_list" + list + "_brange";
          kept.add(VitGoldens.tensor(scope, recorded.get(name)));
        }
      }
    }
    return kept;
  }

  @Test
  void aChunkedTrainingCheckpointAgreesWithTheReference() throws Exception {
    Npz wanted = Goldens.npz("vit", "teacher_checkpoint_chunked.outputs.npz");
    StateDict checkpoint =
        PthReader.read(Goldens.dir("vit").resolve("teacher_checkpoint_chunked.pth"));
    StateDict backbone = TrainingCheckpoint.of(checkpoint).backbone();
    VisionTransformerConfig config = VisionTransformerConfig.of(32, 8, 16, 4, 4);
    try (NDManager owner = library.runtime().newManager();
        VisionTransformer model = VisionTransformer.of(library, config, backbone)) {
      scope = owner;
      Features features = model.forwardFeatures(owner, GradMode.INFERENCE_MODE, input("32x32"));
      Agreement.assertClose(
          wanted.get("x_norm_clstoken"), features.clsToken(), "cls", Agreement.OUTPUT_ABS, 0);
      Agreement.assertClose(
          wanted.get("x_norm_patchtokens"),
          features.patchTokens(),
          "patch",
          Agreement.OUTPUT_ABS,
          0);

      StateDict head = checkpoint.under("teacher.dino_head.");
      Map<String, NDArray> p = new LinkedHashMap<>();
      head.tensors().forEach((name, t) -> p.put(name, Tensors.of(owner, t.toFloats(), t.dims())));
      NDArray out =
          library
              .call(
                  owner,
                  GradMode.INFERENCE_MODE,
                  "head",
                  TorchValue.tensor(features.clsToken()),
                  TorchValue.dict(p))
              .tensor();
      Agreement.assertClose(wanted.get("dino_head_out"), out, "head", Agreement.OUTPUT_ABS, 0);
    }
  }
}
