package io.freshet.vision.weights;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import net.razorvine.pickle.Opcodes;

/**
 * The pickle of a state dictionary, protocol 2: tensor {@code i} is rebuilt from storage {@code i}
 * of the archive. It names no globals but those of {@link TensorPickle}.
 */
final class PthPickle {

  private static final int PROTOCOL = 2;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private PthPickle() {
    op(Opcodes.PROTO).op(PROTOCOL);
  }

  /** {@code OrderedDict(name -> tensor)}. */
  static byte[] stateDict(StateDict tensors) {
    return new PthPickle().dictionary(tensors).done();
  }

  /** {@code {key: OrderedDict(name -> tensor)}}. */
  static byte[] nested(String key, StateDict tensors) {
    return new PthPickle()
        .op(Opcodes.EMPTY_DICT)
        .text(key)
        .dictionary(tensors)
        .op(Opcodes.SETITEM)
        .done();
  }

  private PthPickle dictionary(StateDict tensors) {
    emptyOrderedDict().op(Opcodes.MARK);
    int storage = 0;
    for (Map.Entry<String, WeightTensor> entry : tensors.tensors().entrySet()) {
      text(entry.getKey()).tensor(entry.getValue(), storage++);
    }
    return op(Opcodes.SETITEMS);
  }

  private PthPickle emptyOrderedDict() {
    return global("collections", "OrderedDict").op(Opcodes.EMPTY_TUPLE).op(Opcodes.REDUCE);
  }

  /** {@code _rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())}. */
  private PthPickle tensor(WeightTensor tensor, int storage) {
    return global("torch._utils", "_rebuild_tensor_v2")
        .op(Opcodes.MARK)
        .storage(tensor, storage)
        .integer(0)
        .tuple(tensor.shape())
        .tuple(strides(tensor.shape()))
        .op(Opcodes.NEWFALSE)
        .emptyOrderedDict()
        .op(Opcodes.TUPLE)
        .op(Opcodes.REDUCE);
  }

  private PthPickle storage(WeightTensor tensor, int storage) {
    return op(Opcodes.MARK)
        .text("storage")
        .global("torch", TensorPickle.storageClass(tensor.type()))
        .text(Integer.toString(storage))
        .text("cpu")
        .integer(tensor.size())
        .op(Opcodes.TUPLE)
        .op(Opcodes.BINPERSID);
  }

  private static List<Long> strides(List<Long> shape) {
    List<Long> strides = new ArrayList<>();
    long stride = 1;
    for (int d = shape.size() - 1; d >= 0; d--) {
      strides.add(stride);
      stride *= Math.max(1, shape.get(d));
    }
    Collections.reverse(strides);
    return strides;
  }

  private PthPickle tuple(List<Long> values) {
    op(Opcodes.MARK);
    values.forEach(this::integer);
    return op(Opcodes.TUPLE);
  }

  /** Tensors are below 2 GiB, so that sizes, strides and counts fit four bytes. */
  private PthPickle integer(long value) {
    return op(Opcodes.BININT).int32(Math.toIntExact(value));
  }

  private PthPickle global(String module, String name) {
    return op(Opcodes.GLOBAL).raw(module + "\n" + name + "\n");
  }

  private PthPickle text(String text) {
    return op(Opcodes.BINUNICODE).int32(text.getBytes(StandardCharsets.UTF_8).length).raw(text);
  }

  private PthPickle int32(int value) {
    bytes.writeBytes(
        ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    return this;
  }

  private PthPickle raw(String text) {
    bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  private PthPickle op(int opcode) {
    bytes.write(opcode);
    return this;
  }

  private byte[] done() {
    return op(Opcodes.STOP).bytes.toByteArray();
  }
}
