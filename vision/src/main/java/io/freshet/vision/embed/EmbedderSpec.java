package io.freshet.vision.embed;

import io.freshet.vision.model.Preprocessing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * How to embed with a model: everything that decides the numbers, so that a release can carry it. A
 * plain map of strings, integers and lists is its JSON form.
 *
 * @param kind what executes the model
 * @param file the model in its directory; for VIT {@code model.safetensors} with {@code
 *     config.json} beside it
 * @param output VIT: {@code cls} or {@code cls_mean_patch}; ONNX: the output's name, empty where
 *     there is one; TORCHSCRIPT: empty for a tensor, else the key
 * @param preprocessing what happens to an image before the model
 */
public record EmbedderSpec(Kind kind, String file, String output, Preprocessing preprocessing) {

  /** What executes a model. */
  public enum Kind {
    /** Freshet's own vision transformer. */
    VIT,
    /** ONNX Runtime. */
    ONNX,
    /**
     * libtorch; TorchScript files are programs, so only a path that the operator configured is
     * opened.
     */
    TORCHSCRIPT
  }

  private static final Set<String> KEYS =
      new TreeSet<>(Set.of("kind", "file", "output", "image_size", "resize", "mean", "std"));

  public EmbedderSpec {
    if (file.isBlank()) {
      throw new IllegalArgumentException("file is empty; name the model's file");
    }
  }

  /** A release of the own backbone: class token, ImageNet statistics. */
  public static EmbedderSpec vit(int imageSize, int resize) {
    return new EmbedderSpec(
        Kind.VIT, "model.safetensors", "cls", Preprocessing.imageNet(resize, imageSize));
  }

  /** The space of a release's features: they are brought to length one. */
  public EmbeddingSpace space(String model, int version) {
    return new EmbeddingSpace(model, version, output, "l2");
  }

  /** Side of the square that the model sees, pixels. */
  public int imageSize() {
    return preprocessing.imageSize();
  }

  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("kind", kind.name().toLowerCase(Locale.ROOT));
    map.put("file", file);
    map.put("output", output);
    map.put("image_size", preprocessing.imageSize());
    map.put("resize", preprocessing.resize());
    map.put("mean", doubles(preprocessing.mean()));
    map.put("std", doubles(preprocessing.std()));
    return map;
  }

  /**
   * The spec that {@link #toMap} wrote.
   *
   * @throws IllegalArgumentException naming a key that is unknown, missing or of the wrong type
   */
  public static EmbedderSpec fromMap(Map<String, ?> map) {
    for (String key : map.keySet()) {
      if (!KEYS.contains(key)) {
        throw new IllegalArgumentException(
            "embedding has the unknown key " + key + "; known are " + KEYS);
      }
    }
    String kind = value(map, "kind", String.class);
    if (!Set.of("vit", "onnx", "torchscript").contains(kind)) {
      throw new IllegalArgumentException("embedding.kind is vit, onnx or torchscript, was " + kind);
    }
    return new EmbedderSpec(
        Kind.valueOf(kind.toUpperCase(Locale.ROOT)),
        value(map, "file", String.class),
        value(map, "output", String.class),
        new Preprocessing(
            value(map, "resize", Integer.class),
            value(map, "image_size", Integer.class),
            numbers(map, "mean"),
            numbers(map, "std")));
  }

  private static <T> T value(Map<String, ?> map, String key, Class<T> type) {
    Object value = map.get(key);
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(
          "embedding." + key + " must be a " + type.getSimpleName() + ", was " + value);
    }
    return type.cast(value);
  }

  private static List<Float> numbers(Map<String, ?> map, String key) {
    List<?> values = value(map, key, List.class);
    if (!values.stream().allMatch(Number.class::isInstance)) {
      throw new IllegalArgumentException(
          "embedding." + key + " must be a list of numbers, was " + values);
    }
    return values.stream().map(v -> ((Number) v).floatValue()).toList();
  }

  private static List<Double> doubles(List<Float> values) {
    return values.stream().map(v -> Double.valueOf(Float.toString(v))).toList();
  }
}
