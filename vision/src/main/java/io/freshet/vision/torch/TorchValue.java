package io.freshet.vision.torch;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * An argument or a result of a TorchScript method. It owns nothing: argument tensors belong to
 * their managers, result tensors to the manager given to the call.
 */
public sealed interface TorchValue {

  /** TorchScript {@code Tensor}. */
  record Tensor(NDArray array) implements TorchValue {}

  /** TorchScript {@code List[Tensor]}; may be empty. */
  record Tensors(List<NDArray> arrays) implements TorchValue {
    public Tensors {
      arrays = List.copyOf(arrays);
    }
  }

  /**
   * TorchScript {@code Dict[str, Tensor]}, for example a model's parameters under their checkpoint
   * names.
   */
  record Dict(Map<String, NDArray> arrays) implements TorchValue {}

  /** TorchScript {@code int}. */
  record Int(long value) implements TorchValue {}

  /** TorchScript {@code float}. */
  record Real(double value) implements TorchValue {}

  /** TorchScript {@code bool}. */
  record Flag(boolean value) implements TorchValue {}

  /** TorchScript {@code str}. */
  record Text(String value) implements TorchValue {}

  /** TorchScript {@code List[int]}; not empty. */
  record Ints(List<Long> values) implements TorchValue {
    public Ints {
      values = List.copyOf(values);
    }
  }

  /** TorchScript {@code List[float]}; not empty. */
  record Reals(List<Double> values) implements TorchValue {
    public Reals {
      values = List.copyOf(values);
    }
  }

  /** A tuple, or a list of anything but tensors and numbers, as a result. */
  record Sequence(List<TorchValue> items) implements TorchValue {
    public Sequence {
      items = List.copyOf(items);
    }
  }

  /** What only libtorch can look into: an object of one of its own classes. */
  record Opaque(TorchObject object) implements TorchValue {}

  /** The result of a method that returns nothing. */
  record None() implements TorchValue {}

  static TorchValue tensor(NDArray array) {
    return new Tensor(array);
  }

  static TorchValue tensors(List<NDArray> arrays) {
    return new Tensors(arrays);
  }

  static TorchValue dict(Map<String, NDArray> arrays) {
    return new Dict(arrays);
  }

  static TorchValue opaque(TorchObject object) {
    return new Opaque(object);
  }

  static TorchValue integer(long value) {
    return new Int(value);
  }

  static TorchValue real(double value) {
    return new Real(value);
  }

  static TorchValue flag(boolean value) {
    return new Flag(value);
  }

  static TorchValue text(String value) {
    return new Text(value);
  }

  static TorchValue integers(long... values) {
    return new Ints(LongStream.of(values).boxed().toList());
  }

  /** The tensor, or {@link TorchRuntimeException} naming what the value is instead. */
  default NDArray tensor() {
    if (this instanceof Tensor t) {
      return t.array();
    }
    throw unexpected("a Tensor");
  }

  /** The tensors in order. */
  default List<NDArray> tensors() {
    if (this instanceof Tensors t) {
      return t.arrays();
    }
    if (this instanceof Sequence s) {
      return s.items().stream().map(TorchValue::tensor).toList();
    }
    throw unexpected("a List[Tensor]");
  }

  /** The tensors by name. */
  default Map<String, NDArray> dict() {
    if (this instanceof Dict d) {
      return d.arrays();
    }
    throw unexpected("a Dict[str, Tensor]");
  }

  /** The object, which whoever calls this closes. */
  default TorchObject object() {
    if (this instanceof Opaque o) {
      return o.object();
    }
    throw unexpected("an object of a class of libtorch");
  }

  /** The items of a tuple or list. */
  default List<TorchValue> items() {
    if (this instanceof Sequence s) {
      return s.items();
    }
    throw unexpected("a tuple or list");
  }

  /** The number, whether the script returned a float or an int. */
  default double real() {
    if (this instanceof Real r) {
      return r.value();
    }
    if (this instanceof Int i) {
      return i.value();
    }
    throw unexpected("a float");
  }

  /** The integer. */
  default long integer() {
    if (this instanceof Int i) {
      return i.value();
    }
    throw unexpected("an int");
  }

  private TorchRuntimeException unexpected(String wanted) {
    return new TorchRuntimeException(
        "the script returned " + getClass().getSimpleName() + ", not " + wanted);
  }
}
