package io.freshet.vision.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.WeightTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** Reads the reference backbones of {@code goldens/vit}. */
final class VitGoldens {

  private VitGoldens() {}

  static VisionTransformerConfig config(String variant) {
    try {
      JsonNode args =
          new ObjectMapper()
              .readTree(Goldens.dir("vit").resolve("variants.json").toFile())
              .path(variant)
              .path("args");
      return new VisionTransformerConfig(
          args.get("img_size").asInt(),
          args.get("patch_size").asInt(),
          args.get("embed_dim").asInt(),
          args.get("depth").asInt(),
          args.get("num_heads").asInt(),
          args.get("mlp_ratio").asDouble(),
          args.path("ffn_layer").asText().startsWith("swiglu")
              ? VisionTransformerConfig.Ffn.SWIGLU
              : VisionTransformerConfig.Ffn.MLP,
          args.path("num_register_tokens").asInt(0),
          args.get("init_values").asDouble(),
          args.path("interpolate_offset").asDouble(0.1),
          args.path("interpolate_antialias").asBoolean(false));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static StateDict stateDict(Map<String, Npz.Array> arrays) {
    StateDict.Builder weights = StateDict.builder();
    arrays.forEach(
        (name, array) -> weights.put(name, WeightTensor.ofFloats(array.floats(), array.dims())));
    return weights.build();
  }

  static NDArray tensor(NDManager owner, Npz.Array array) {
    return switch (array.type()) {
      case "f4" -> Tensors.of(owner, array.floats(), array.dims());
      case "i8" -> Tensors.of(owner, array.longs(), array.dims());
      case "b1" -> Tensors.of(owner, array.booleans(), array.dims());
      default -> throw new IllegalArgumentException(array.type());
    };
  }
}
