package io.freshet.trainer.release;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * An ONNX graph under construction. Each call that adds a node returns the name of its output, so
 * that a graph reads like the expression it computes.
 *
 * <p>Not thread-safe.
 */
final class OnnxGraph {
  private final GraphProto.Builder graph;
  private final Set<String> constants = new HashSet<>();
  private final String prefix;
  private int nodes;

  OnnxGraph(String name) {
    this(name, "");
  }

  private OnnxGraph(String name, String prefix) {
    this.graph = GraphProto.newBuilder().setName(name);
    this.prefix = prefix;
  }

  /** An input; a dimension is a number or the name of a free size. */
  String input(String name, Object... dimensions) {
    graph.addInput(value(name, dimensions));
    return name;
  }

  /** Declares {@code tensor}, an output of a node, as output {@code name} of the graph. */
  void output(String name, String tensor, Object... dimensions) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("Identity")
            .setName(name)
            .addInput(tensor)
            .addOutput(name));
    graph.addOutput(value(name, dimensions));
  }

  /** A weight, little-endian float32. */
  String weight(String name, float[] values, long... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    graph.addInitializer(
        tensor(name, TensorProto.DataType.FLOAT, shape).setRawData(ByteString.copyFrom(bytes)));
    return name;
  }

  /** A weight of signed bytes. */
  String bytes(String name, byte[] values, long... shape) {
    graph.addInitializer(
        tensor(name, TensorProto.DataType.INT8, shape).setRawData(ByteString.copyFrom(values)));
    return name;
  }

  /** A float constant without dimensions; equal constants are stored once. */
  String scalar(float value) {
    String name = prefix + "f_" + value;
    if (constants.add(name)) {
      weight(name, new float[] {value});
    }
    return name;
  }

  /** A float vector; equal constants are stored once. */
  String floats(float... values) {
    String name = prefix + "fs_" + Arrays.toString(values);
    if (constants.add(name)) {
      weight(name, values, values.length);
    }
    return name;
  }

  /** An int64 vector; equal constants are stored once. */
  String longs(long... values) {
    return integers(prefix + "i_" + Arrays.toString(values), values, values.length);
  }

  /** An int64 constant without dimensions. */
  String index(long value) {
    return integers(prefix + "at_" + value, new long[] {value});
  }

  private String integers(String name, long[] values, long... shape) {
    if (constants.add(name)) {
      ByteBuffer bytes =
          ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asLongBuffer().put(values);
      graph.addInitializer(
          tensor(name, TensorProto.DataType.INT64, shape).setRawData(ByteString.copyFrom(bytes)));
    }
    return name;
  }

  String node(String operator, String... inputs) {
    return node(operator, List.of(), inputs);
  }

  String node(String operator, List<AttributeProto> attributes, String... inputs) {
    String output = prefix + operator + "_" + nodes++;
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(operator)
            .setName(output)
            .addAllInput(Arrays.asList(inputs))
            .addAllAttribute(attributes)
            .addOutput(output));
    return output;
  }

  /** A node with several outputs. */
  List<String> nodes(String operator, int outputs, String... inputs) {
    String name = prefix + operator + "_" + nodes++;
    List<String> names =
        IntStream.range(0, outputs).mapToObj(output -> name + "_" + output).toList();
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(operator)
            .setName(name)
            .addAllInput(Arrays.asList(inputs))
            .addAllOutput(names));
    return names;
  }

  /** {@code condition ? whenTrue : whenFalse}; only the branch that is taken is computed. */
  String choose(
      String condition,
      Function<OnnxGraph, String> whenTrue,
      Function<OnnxGraph, String> whenFalse,
      Object... dimensions) {
    return node(
        "If",
        List.of(
            branch("then_branch", whenTrue, dimensions),
            branch("else_branch", whenFalse, dimensions)),
        condition);
  }

  private AttributeProto branch(
      String name, Function<OnnxGraph, String> body, Object... dimensions) {
    OnnxGraph inner = new OnnxGraph(name, prefix + name + nodes + "_");
    String result = body.apply(inner);
    inner.output(prefix + name + nodes + "_result", result, dimensions);
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.GRAPH)
        .setG(inner.build())
        .build();
  }

  GraphProto build() {
    return graph.build();
  }

  static AttributeProto attribute(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
  }

  static AttributeProto attribute(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  static AttributeProto attribute(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  static AttributeProto attribute(String name, long[] values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  private static TensorProto.Builder tensor(String name, TensorProto.DataType type, long... shape) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(type.getNumber());
    for (long size : shape) {
      tensor.addDims(size);
    }
    return tensor;
  }

  private static ValueInfoProto value(String name, Object... dimensions) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Object dimension : dimensions) {
      TensorShapeProto.Dimension.Builder size = TensorShapeProto.Dimension.newBuilder();
      shape.addDim(
          dimension instanceof Number number
              ? size.setDimValue(number.longValue())
              : size.setDimParam((String) dimension));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT.getNumber())
                        .setShape(shape)))
        .build();
  }
}
