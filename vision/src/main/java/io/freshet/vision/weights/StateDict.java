package io.freshet.vision.weights;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Named tensors in a fixed order: a model's weights as files hold them. Immutable. */
public final class StateDict {

  private final Map<String, WeightTensor> tensors;

  private StateDict(Map<String, WeightTensor> tensors) {
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The names in order. */
  public Set<String> names() {
    return tensors.keySet();
  }

  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  /**
   * The tensor of that name.
   *
   * @throws IllegalArgumentException naming what is missing
   */
  public WeightTensor get(String name) {
    WeightTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "weights hold no tensor " + name + " among " + tensors.size());
    }
    return tensor;
  }

  public Map<String, WeightTensor> tensors() {
    return tensors;
  }

  public int size() {
    return tensors.size();
  }

  /** The tensors whose names start with {@code prefix}, under the rest of their names. */
  public StateDict under(String prefix) {
    Builder found = builder();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            found.put(name.substring(prefix.length()), tensor);
          }
        });
    return found.build();
  }

  /** Collects tensors; one use. */
  public static final class Builder {
    private final Map<String, WeightTensor> tensors = new LinkedHashMap<>();

    private Builder() {}

    /** Appends a tensor; a name given twice is an {@link IllegalArgumentException}. */
    public Builder put(String name, WeightTensor tensor) {
      if (tensors.putIfAbsent(name, tensor) != null) {
        throw new IllegalArgumentException("tensor " + name + " is given twice");
      }
      return this;
    }

    public StateDict build() {
      return new StateDict(new LinkedHashMap<>(tensors));
    }
  }
}
