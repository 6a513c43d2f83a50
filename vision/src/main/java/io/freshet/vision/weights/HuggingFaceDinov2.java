package io.freshet.vision.weights;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The tensor names of Hugging Face's {@code Dinov2Model} and {@code Dinov2WithRegistersModel}, to
 * and from the official ones. Query, key and value are separate there; values are copied bit by
 * bit.
 */
public final class HuggingFaceDinov2 {

  private static final List<String> PARTS = List.of("query", "key", "value");

  private static final List<String[]> EMBEDDINGS =
      List.of(
          new String[] {"cls_token", "embeddings.cls_token"},
          new String[] {"pos_embed", "embeddings.position_embeddings"},
          new String[] {"register_tokens", "embeddings.register_tokens"},
          new String[] {"mask_token", "embeddings.mask_token"},
          new String[] {"patch_embed.proj.weight", "embeddings.patch_embeddings.projection.weight"},
          new String[] {"patch_embed.proj.bias", "embeddings.patch_embeddings.projection.bias"});

  private static final List<String[]> BLOCK =
      List.of(
          new String[] {"norm1.weight", "norm1.weight"},
          new String[] {"norm1.bias", "norm1.bias"},
          new String[] {"attn.qkv.weight", "attention.attention.%s.weight"},
          new String[] {"attn.qkv.bias", "attention.attention.%s.bias"},
          new String[] {"attn.proj.weight", "attention.output.dense.weight"},
          new String[] {"attn.proj.bias", "attention.output.dense.bias"},
          new String[] {"ls1.gamma", "layer_scale1.lambda1"},
          new String[] {"norm2.weight", "norm2.weight"},
          new String[] {"norm2.bias", "norm2.bias"},
          new String[] {"mlp.fc1.weight", "mlp.fc1.weight"},
          new String[] {"mlp.fc1.bias", "mlp.fc1.bias"},
          new String[] {"mlp.fc2.weight", "mlp.fc2.weight"},
          new String[] {"mlp.fc2.bias", "mlp.fc2.bias"},
          new String[] {"mlp.w12.weight", "mlp.weights_in.weight"},
          new String[] {"mlp.w12.bias", "mlp.weights_in.bias"},
          new String[] {"mlp.w3.weight", "mlp.weights_out.weight"},
          new String[] {"mlp.w3.bias", "mlp.weights_out.bias"},
          new String[] {"ls2.gamma", "layer_scale2.lambda1"});

  private static final List<String[]> FINAL =
      List.of(
          new String[] {"norm.weight", "layernorm.weight"},
          new String[] {"norm.bias", "layernorm.bias"});

  /** Where a model with a classifier keeps its backbone; bare models have no prefix. */
  private static final List<String> PREFIXES = List.of("", "dinov2.", "dinov2_with_registers.");

  private HuggingFaceDinov2() {}

  /** Whether {@code weights} have Hugging Face's names. */
  public static boolean isHuggingFace(StateDict weights) {
    return PREFIXES.stream().anyMatch(prefix -> hasBackbone(weights, prefix));
  }

  private static boolean hasBackbone(StateDict weights, String prefix) {
    return weights.has(prefix + "embeddings.cls_token");
  }

  /**
   * The weights under Hugging Face's names. A model without LayerScale gets factors of one, which
   * that layout requires.
   *
   * @throws IllegalArgumentException naming a tensor that has no place there
   */
  public static StateDict toHuggingFace(StateDict official) {
    StateDict.Builder renamed = StateDict.builder();
    int used = rename(official, EMBEDDINGS, "", "", renamed);
    for (int i = 0; official.has("blocks." + i + ".norm1.weight"); i++) {
      String to = "encoder.layer." + i + ".";
      used += rename(official, BLOCK, "blocks." + i + ".", to, renamed);
      addMissingLayerScale(official, i, to, renamed);
    }
    used += rename(official, FINAL, "", "", renamed);
    requireAllUsed(official, used, "Hugging Face's layout");
    return renamed.build();
  }

  private static int rename(
      StateDict official, List<String[]> names, String from, String to, StateDict.Builder into) {
    int used = 0;
    for (String[] name : names) {
      String source = from + name[0];
      if (!official.has(source)) {
        continue;
      }
      used++;
      if (name[1].contains("%s")) {
        List<WeightTensor> parts = split(official.get(source));
        for (int i = 0; i < 3; i++) {
          into.put(to + name[1].replace("%s", PARTS.get(i)), parts.get(i));
        }
      } else {
        into.put(to + name[1], official.get(source));
      }
    }
    return used;
  }

  private static void addMissingLayerScale(
      StateDict official, int block, String to, StateDict.Builder into) {
    for (int residual = 1; residual <= 2; residual++) {
      if (!official.has("blocks." + block + ".ls" + residual + ".gamma")) {
        float[] ones = new float[(int) official.get("blocks." + block + ".norm1.weight").size()];
        Arrays.fill(ones, 1);
        into.put(
            to + "layer_scale" + residual + ".lambda1", WeightTensor.ofFloats(ones, ones.length));
      }
    }
  }

  /**
   * The weights under the official names, in the official order; of a model with a classifier, the
   * backbone's.
   *
   * @throws IllegalArgumentException naming a tensor that the official layout does not have
   */
  public static StateDict toOfficial(StateDict huggingFace) {
    StateDict weights =
        PREFIXES.stream()
            .filter(prefix -> hasBackbone(huggingFace, prefix))
            .findFirst()
            .map(huggingFace::under)
            .orElse(huggingFace);
    StateDict.Builder renamed = StateDict.builder();
    int used = restore(weights, EMBEDDINGS, "", "", renamed);
    for (int i = 0; weights.has("encoder.layer." + i + ".norm1.weight"); i++) {
      used += restore(weights, BLOCK, "encoder.layer." + i + ".", "blocks." + i + ".", renamed);
    }
    used += restore(weights, FINAL, "", "", renamed);
    requireAllUsed(weights, used, "the official layout");
    return renamed.build();
  }

  private static int restore(
      StateDict weights, List<String[]> names, String from, String to, StateDict.Builder into) {
    int used = 0;
    for (String[] name : names) {
      if (name[1].contains("%s")) {
        List<String> sources =
            PARTS.stream().map(part -> from + name[1].replace("%s", part)).toList();
        if (weights.has(sources.get(0))) {
          into.put(to + name[0], join(sources.stream().map(weights::get).toList()));
          used += 3;
        }
      } else if (weights.has(from + name[1])) {
        into.put(to + name[0], weights.get(from + name[1]));
        used++;
      }
    }
    return used;
  }

  private static void requireAllUsed(StateDict weights, int used, String layout) {
    if (used != weights.size()) {
      throw new IllegalArgumentException(
          (weights.size() - used)
              + " of the tensors have no place in "
              + layout
              + "; give a DINOv2 backbone only: "
              + weights.names());
    }
  }

  private static List<WeightTensor> split(WeightTensor qkv) {
    List<Long> shape = new ArrayList<>(qkv.shape());
    if (shape.isEmpty() || shape.get(0) % 3 != 0) {
      throw new IllegalArgumentException("qkv of shape " + shape + " does not split in three");
    }
    shape.set(0, shape.get(0) / 3);
    ByteBuffer bytes = qkv.bytes();
    int length = bytes.remaining() / 3;
    List<WeightTensor> parts = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      parts.add(
          new WeightTensor(qkv.type(), shape, bytes.slice(bytes.position() + i * length, length)));
    }
    return parts;
  }

  private static WeightTensor join(List<WeightTensor> parts) {
    WeightTensor first = parts.get(0);
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(3, first.data().remaining()));
    for (WeightTensor part : parts) {
      if (!part.shape().equals(first.shape()) || part.type() != first.type()) {
        throw new IllegalArgumentException(
            "query, key and value differ in shape or type: "
                + first.shape()
                + " and "
                + part.shape());
      }
      bytes.put(part.bytes());
    }
    List<Long> shape = new ArrayList<>(first.shape());
    shape.set(0, shape.get(0) * 3);
    return new WeightTensor(first.type(), shape, bytes.flip());
  }
}
