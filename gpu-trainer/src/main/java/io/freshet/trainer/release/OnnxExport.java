package io.freshet.trainer.release;

import static io.freshet.trainer.release.OnnxGraph.attribute;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.WeightTensor;
import java.util.List;

/**
 * A vision transformer as an ONNX model that any ONNX runtime computes, in float32.
 *
 * <ul>
 *   <li>Input {@code pixel_values} (batch, 3, height, width): normalised pixels; batch, height and
 *       width are free, the last two whole multiples of the patch.
 *   <li>Output {@code last_hidden_state} (batch, 1 + registers + patches, dim): the normalised
 *       class token, register tokens and patch tokens in row-major order.
 *   <li>Output {@code pooler_output} (batch, dim): the normalised class token.
 * </ul>
 *
 * <p>Position embeddings follow the size of the image as in training: bicubic, a = -0.75, source
 * coordinates by scale factor when the model has an interpolation offset. Operator set {@value
 * #OPSET}; only standard operators.
 */
public final class OnnxExport {
  /** The operator set that the model needs: the first with antialiased Resize. */
  public static final int OPSET = 18;

  private static final int IR_VERSION = 8;
  private static final float LAYER_NORM_EPSILON = 1e-6f;

  /** protobuf refuses messages of 2 GiB; the graph itself is small. */
  private static final long MAX_WEIGHT_BYTES = (2L << 30) - (8 << 20);

  /**
   * Weights keep within seven bits: with eight, the 16-bit sums of processors without VNNI
   * overflow.
   */
  private static final int INT8_RANGE = 63;

  private final VisionTransformerConfig config;
  private final StateDict weights;
  private final boolean int8;
  private final OnnxGraph graph = new OnnxGraph("vision_transformer");

  private OnnxExport(VisionTransformerConfig config, StateDict weights, boolean int8) {
    this.config = config;
    this.weights = weights;
    this.int8 = int8;
  }

  /**
   * @param weights the backbone's parameters under their official checkpoint names, row-major
   * @throws IllegalArgumentException when a parameter is missing or has another size than the
   *     architecture says, or when the model exceeds the 2 GiB of an ONNX file
   */
  public static ModelProto export(VisionTransformerConfig config, StateDict weights) {
    return export(config, weights, false);
  }

  /**
   * As {@link #export}, with the blocks' matrix products in eight bits: weights symmetric with a
   * scale for each output, activations quantised as they come, one scale a tensor (ONNX Runtime's
   * dynamic quantisation). What it costs differs between models: measure it.
   */
  public static ModelProto exportInt8(VisionTransformerConfig config, StateDict weights) {
    return export(config, weights, true);
  }

  private static ModelProto export(
      VisionTransformerConfig config, StateDict weights, boolean int8) {
    long bytes = weights.tensors().values().stream().mapToLong(w -> w.size() * Float.BYTES).sum();
    if (bytes > MAX_WEIGHT_BYTES) {
      throw new IllegalArgumentException(
          "the model has %d bytes of weights; one ONNX file holds at most %d, publish the"
                  .formatted(bytes, MAX_WEIGHT_BYTES)
              + " safetensors form alone");
    }
    OnnxExport export = new OnnxExport(config, weights, int8);
    export.define();
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("freshet")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
        .setGraph(export.graph.build())
        .build();
  }

  private void define() {
    String pixels = graph.input("pixel_values", "batch", 3, "height", "width");
    String x = embed(pixels);
    for (int block = 0; block < config.depth(); block++) {
      x = block(x, "blocks." + block + ".");
    }
    x = layerNorm(x, "norm");
    String cls = graph.node("Gather", List.of(attribute("axis", 1)), x, graph.index(0));
    graph.output("last_hidden_state", x, "batch", "tokens", config.embedDim());
    graph.output("pooler_output", cls, "batch", config.embedDim());
  }

  /** Pixels to tokens: (batch, 1 + registers + patches, dim). */
  private String embed(String pixels) {
    long patch = config.patchSize();
    long dim = config.embedDim();
    String maps =
        graph.node(
            "Conv",
            List.of(
                attribute("kernel_shape", new long[] {patch, patch}),
                attribute("strides", new long[] {patch, patch})),
            pixels,
            weight("patch_embed.proj.weight", dim, 3, patch, patch),
            weight("patch_embed.proj.bias", dim));
    String flat = graph.node("Reshape", maps, graph.longs(0, dim, -1));
    String patches = graph.node("Transpose", List.of(permutation(0, 2, 1)), flat);
    String batch = graph.node("Shape", List.of(attribute("start", 0), attribute("end", 1)), pixels);
    String cls = perImage(weight("cls_token", 1, 1, dim), 1, batch);
    String x = concat(1, cls, patches);
    x = graph.node("Add", x, positions(maps));
    if (config.registers() == 0) {
      return x;
    }
    int registers = config.registers();
    String tokens = perImage(weight("register_tokens", 1, registers, dim), registers, batch);
    return concat(1, slice(x, 1, 0, 1), tokens, slice(x, 1, 1, Long.MAX_VALUE));
  }

  private String perImage(String tokens, int count, String batch) {
    String shape = concat(0, batch, graph.longs(count, config.embedDim()));
    return graph.node("Expand", tokens, shape);
  }

  /** Position embeddings for the grid of {@code maps} (batch, dim, rows, columns). */
  private String positions(String maps) {
    long grid = config.gridSize();
    long dim = config.embedDim();
    String stored = weight("pos_embed", 1, 1 + grid * grid, dim);
    String shape = graph.node("Shape", List.of(attribute("start", 2), attribute("end", 4)), maps);
    String trained = graph.node("Equal", shape, graph.longs(grid, grid));
    String mismatches =
        graph.node(
            "ReduceMin",
            List.of(attribute("keepdims", 0)),
            graph.node("Cast", List.of(attribute("to", 7)), trained));
    String asTrained = graph.node("Cast", List.of(attribute("to", 9)), mismatches);
    return graph.choose(
        asTrained,
        then -> then.node("Identity", stored),
        otherwise -> interpolated(otherwise, stored, shape),
        1,
        "positions",
        dim);
  }

  private String interpolated(OnnxGraph g, String stored, String shape) {
    long grid = config.gridSize();
    long dim = config.embedDim();
    String cls = g.node("Slice", stored, g.longs(0), g.longs(1), g.longs(1));
    String square =
        g.node(
            "Reshape",
            g.node("Slice", stored, g.longs(1), g.longs(1 + grid * grid), g.longs(1)),
            g.longs(1, grid, grid, dim));
    String planes = g.node("Transpose", List.of(permutation(0, 3, 1, 2)), square);
    String resized =
        config.interpolateOffset() == 0 ? bySize(g, planes, shape) : byScale(g, planes, shape);
    String flat = g.node("Reshape", resized, g.longs(1, dim, -1));
    String tokens = g.node("Transpose", List.of(permutation(0, 2, 1)), flat);
    return g.node("Concat", List.of(attribute("axis", 1)), cls, tokens);
  }

  /** Source coordinates by {@code (size + offset) / grid}, not by the ratio of the sizes. */
  private String byScale(OnnxGraph g, String planes, String shape) {
    String sizes = g.node("Cast", List.of(attribute("to", 1)), shape);
    String shifted = g.node("Add", sizes, g.scalar((float) config.interpolateOffset()));
    String ratios = g.node("Div", shifted, g.scalar(config.gridSize()));
    String scales = g.node("Concat", List.of(attribute("axis", 0)), g.floats(1, 1), ratios);
    return g.node("Resize", resizing(), planes, "", scales);
  }

  private String bySize(OnnxGraph g, String planes, String shape) {
    String sizes =
        g.node("Concat", List.of(attribute("axis", 0)), g.longs(1, config.embedDim()), shape);
    return g.node("Resize", resizing(), planes, "", "", sizes);
  }

  /**
   * libtorch's kernel has a = -0.75 and repeats the border; its antialiased kernel has a = -0.5 and
   * weighs only what is inside.
   */
  private List<AttributeProto> resizing() {
    boolean antialias = config.interpolateAntialias();
    return List.of(
        attribute("mode", "cubic"),
        attribute("cubic_coeff_a", antialias ? -0.5f : -0.75f),
        attribute("antialias", antialias ? 1 : 0),
        attribute("exclude_outside", antialias ? 1 : 0));
  }

  private String block(String x, String prefix) {
    String attended = attention(layerNorm(x, prefix + "norm1"), prefix + "attn.");
    x = graph.node("Add", x, layerScale(attended, prefix + "ls1.gamma"));
    String mixed = feedForward(layerNorm(x, prefix + "norm2"), prefix + "mlp.");
    return graph.node("Add", x, layerScale(mixed, prefix + "ls2.gamma"));
  }

  private String attention(String x, String prefix) {
    int dim = config.embedDim();
    int heads = config.heads();
    int headDim = dim / heads;
    String qkv = linear(x, prefix + "qkv", dim, 3 * dim);
    String split = graph.node("Reshape", qkv, graph.longs(0, -1, 3, heads, headDim));
    String stacked = graph.node("Transpose", List.of(permutation(2, 0, 3, 1, 4)), split);
    String q = part(stacked, 0);
    String k = part(stacked, 1);
    String v = part(stacked, 2);
    String scaled = graph.node("Mul", q, graph.scalar((float) Math.pow(headDim, -0.5)));
    String keys = graph.node("Transpose", List.of(permutation(0, 1, 3, 2)), k);
    String scores = graph.node("MatMul", scaled, keys);
    String shares = graph.node("Softmax", List.of(attribute("axis", -1)), scores);
    String mixed = graph.node("MatMul", shares, v);
    String tokens = graph.node("Transpose", List.of(permutation(0, 2, 1, 3)), mixed);
    return linear(
        graph.node("Reshape", tokens, graph.longs(0, -1, dim)), prefix + "proj", dim, dim);
  }

  private String part(String stacked, int index) {
    return graph.node("Gather", List.of(attribute("axis", 0)), stacked, graph.index(index));
  }

  private String feedForward(String x, String prefix) {
    int dim = config.embedDim();
    int hidden = config.hiddenDim();
    return switch (config.ffn()) {
      case MLP -> linear(gelu(linear(x, prefix + "fc1", dim, hidden)), prefix + "fc2", hidden, dim);
      case SWIGLU -> {
        String both = linear(x, prefix + "w12", dim, 2 * hidden);
        String gate = slice(both, 2, 0, hidden);
        String silu = graph.node("Mul", gate, graph.node("Sigmoid", gate));
        String gated = graph.node("Mul", silu, slice(both, 2, hidden, 2L * hidden));
        yield linear(gated, prefix + "w3", hidden, dim);
      }
    };
  }

  /** {@code x / 2 * (1 + erf(x / sqrt(2)))}. */
  private String gelu(String x) {
    String erf = graph.node("Erf", graph.node("Div", x, graph.scalar((float) Math.sqrt(2))));
    String half = graph.node("Mul", x, graph.scalar(0.5f));
    return graph.node("Mul", half, graph.node("Add", erf, graph.scalar(1)));
  }

  private String layerScale(String x, String name) {
    return weights.has(name) ? graph.node("Mul", x, weight(name, config.embedDim())) : x;
  }

  private String layerNorm(String x, String name) {
    return graph.node(
        "LayerNormalization",
        List.of(attribute("axis", -1), attribute("epsilon", LAYER_NORM_EPSILON)),
        x,
        weight(name + ".weight", config.embedDim()),
        weight(name + ".bias", config.embedDim()));
  }

  /** {@code x W^T + b}; the weight is stored transposed, as MatMul wants it. */
  private String linear(String x, String name, int in, int out) {
    float[] byRow = values(name + ".weight", (long) in * out);
    float[] transposed = new float[byRow.length];
    for (int row = 0; row < out; row++) {
      for (int column = 0; column < in; column++) {
        transposed[column * out + row] = byRow[row * in + column];
      }
    }
    String product =
        int8
            ? int8Product(x, name, transposed, in, out)
            : graph.node("MatMul", x, graph.weight(name + ".weight_t", transposed, in, out));
    return weights.has(name + ".bias")
        ? graph.node("Add", product, weight(name + ".bias", out))
        : product;
  }

  /**
   * @param transposed {@code (in, out)}
   */
  private String int8Product(String x, String name, float[] transposed, int in, int out) {
    float[] scales = new float[out];
    for (int i = 0; i < transposed.length; i++) {
      scales[i % out] = Math.max(scales[i % out], Math.abs(transposed[i]) / INT8_RANGE);
    }
    byte[] quantised = new byte[transposed.length];
    for (int i = 0; i < transposed.length; i++) {
      float scale = scales[i % out];
      quantised[i] = (byte) (scale == 0 ? 0 : Math.round(transposed[i] / scale));
    }
    List<String> activations = graph.nodes("DynamicQuantizeLinear", 3, x);
    String sums =
        graph.node(
            "MatMulInteger",
            activations.get(0),
            graph.bytes(name + ".weight_int8", quantised, in, out),
            activations.get(2));
    String scale =
        graph.node("Mul", activations.get(1), graph.weight(name + ".weight_scale", scales, out));
    return graph.node("Mul", graph.node("Cast", List.of(attribute("to", 1)), sums), scale);
  }

  private String weight(String name, long... shape) {
    long size = 1;
    for (long dimension : shape) {
      size *= dimension;
    }
    return graph.weight(name, values(name, size), shape);
  }

  private float[] values(String name, long size) {
    WeightTensor tensor = weights.get(name);
    if (tensor.size() != size) {
      throw new IllegalArgumentException(
          "parameter %s has %d values, the architecture needs %d"
              .formatted(name, tensor.size(), size));
    }
    return tensor.toFloats();
  }

  private String concat(int axis, String... parts) {
    return graph.node("Concat", List.of(attribute("axis", axis)), parts);
  }

  private String slice(String x, long axis, long from, long to) {
    return graph.node("Slice", x, graph.longs(from), graph.longs(to), graph.longs(axis));
  }

  private static AttributeProto permutation(long... order) {
    return attribute("perm", order);
  }
}
