package io.freshet.vision.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Converts {@link TorchValue} to and from libtorch's boxed values. */
final class TorchValues {
  private static final String CLASSES_OF_LIBTORCH = "__torch__.torch.classes.";

  private TorchValues() {}

  /** A boxed value that the caller gives to {@link #close}. */
  static IValue box(TorchValue value) {
    if (value instanceof TorchValue.Tensor t) {
      return IValue.from((PtNDArray) t.array());
    } else if (value instanceof TorchValue.Tensors t) {
      return IValue.listFrom(
          t.arrays().stream().map(PtNDArray.class::cast).toArray(PtNDArray[]::new));
    } else if (value instanceof TorchValue.Dict d) {
      Map<String, PtNDArray> arrays = new LinkedHashMap<>();
      d.arrays().forEach((name, array) -> arrays.put(name, (PtNDArray) array));
      return IValue.stringMapFrom(arrays);
    } else if (value instanceof TorchValue.Int i) {
      return IValue.from(i.value());
    } else if (value instanceof TorchValue.Real r) {
      return IValue.from(r.value());
    } else if (value instanceof TorchValue.Flag f) {
      return IValue.from(f.value());
    } else if (value instanceof TorchValue.Text t) {
      return IValue.from(t.value());
    } else if (value instanceof TorchValue.Ints i) {
      return IValue.listFrom(i.values().stream().mapToLong(Long::longValue).toArray());
    } else if (value instanceof TorchValue.Reals r) {
      return IValue.listFrom(r.values().stream().mapToDouble(Double::doubleValue).toArray());
    } else if (value instanceof TorchValue.Opaque o) {
      return o.object().boxed();
    }
    throw new IllegalArgumentException(value.getClass().getSimpleName() + " cannot be an argument");
  }

  /** Frees the box of a value. An object stays, with its owner. */
  static void close(TorchValue value, IValue boxed) {
    if (boxed != null && !(value instanceof TorchValue.Opaque)) {
      boxed.close();
    }
  }

  /** Unboxes into {@code owner} and closes {@code boxed}, unless it is an object. */
  static TorchValue unbox(IValue boxed, PtNDManager owner) {
    TorchValue value = null;
    try {
      value = content(boxed, owner);
      return value;
    } finally {
      close(value, boxed);
    }
  }

  private static TorchValue content(IValue boxed, PtNDManager owner) {
    if (boxed.isTensor()) {
      return TorchValue.tensor(boxed.toTensor(owner));
    } else if (boxed.isTensorList()) {
      return TorchValue.tensors(List.<NDArray>of(boxed.toTensorArray(owner)));
    } else if (boxed.isMap()) {
      return unboxDict(boxed, owner);
    } else if (boxed.isDouble()) {
      return TorchValue.real(boxed.toDouble());
    } else if (boxed.isLong()) {
      return TorchValue.integer(boxed.toLong());
    } else if (boxed.isBoolean()) {
      return TorchValue.flag(boxed.toBoolean());
    } else if (boxed.isString()) {
      return TorchValue.text(boxed.toStringValue());
    } else if (boxed.isLongList()) {
      return TorchValue.integers(boxed.toLongArray());
    } else if (boxed.isDoubleList()) {
      return new TorchValue.Reals(Arrays.stream(boxed.toDoubleArray()).boxed().toList());
    } else if (boxed.isTuple()) {
      return unboxAll(boxed.toIValueTuple(), owner);
    } else if (boxed.isList()) {
      return unboxAll(boxed.toIValueArray(), owner);
    } else if (boxed.getType().startsWith(CLASSES_OF_LIBTORCH)) {
      return TorchValue.opaque(new TorchObject(boxed));
    }
    return new TorchValue.None();
  }

  private static TorchValue unboxDict(IValue boxed, PtNDManager owner) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    boxed
        .toIValueMap()
        .forEach(
            (name, item) -> {
              try (item) {
                arrays.put(name, item.toTensor(owner));
              }
            });
    return TorchValue.dict(arrays);
  }

  private static TorchValue unboxAll(IValue[] items, PtNDManager owner) {
    List<TorchValue> values = new ArrayList<>(items.length);
    for (IValue item : items) {
      values.add(unbox(item, owner));
    }
    return new TorchValue.Sequence(values);
  }
}
