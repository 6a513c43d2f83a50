package io.freshet.vision.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;

/**
 * {@code config.json} of Hugging Face's {@code Dinov2Model} and {@code Dinov2WithRegistersModel}.
 * How position embeddings are interpolated is not part of that layout; it is written as two extra
 * keys, and follows from the model type when they are missing.
 */
public final class HuggingFaceConfig {

  private static final ObjectMapper JSON = new ObjectMapper();

  private HuggingFaceConfig() {}

  public static ObjectNode toJson(VisionTransformerConfig config) {
    boolean registers = config.registers() > 0;
    ObjectNode json = JSON.createObjectNode();
    json.putArray("architectures").add(registers ? "Dinov2WithRegistersModel" : "Dinov2Model");
    json.put("model_type", registers ? "dinov2_with_registers" : "dinov2");
    json.put("hidden_size", config.embedDim());
    json.put("num_hidden_layers", config.depth());
    json.put("num_attention_heads", config.heads());
    if (config.mlpRatio() == Math.rint(config.mlpRatio())) {
      json.put("mlp_ratio", (int) config.mlpRatio());
    } else {
      json.put("mlp_ratio", config.mlpRatio());
    }
    json.put("hidden_act", "gelu");
    json.put("hidden_dropout_prob", 0.0);
    json.put("attention_probs_dropout_prob", 0.0);
    json.put("initializer_range", 0.02);
    json.put("layer_norm_eps", 1e-6);
    json.put("image_size", config.imageSize());
    json.put("patch_size", config.patchSize());
    json.put("num_channels", 3);
    json.put("qkv_bias", true);
    json.put("layerscale_value", config.layerScaleInit() > 0 ? config.layerScaleInit() : 1.0);
    json.put("drop_path_rate", 0.0);
    json.put("use_swiglu_ffn", config.ffn() == Ffn.SWIGLU);
    if (registers) {
      json.put("num_register_tokens", config.registers());
    }
    json.put("apply_layernorm", true);
    json.put("reshape_hidden_states", true);
    json.put("torch_dtype", "float32");
    json.put("interpolate_offset", config.interpolateOffset());
    json.put("interpolate_antialias", config.interpolateAntialias());
    return json;
  }

  /**
   * @throws IllegalArgumentException when the file describes another kind of model or lacks a key
   */
  public static VisionTransformerConfig fromJson(JsonNode json) {
    String type = json.path("model_type").asText();
    if (!type.equals("dinov2") && !type.equals("dinov2_with_registers")) {
      throw new IllegalArgumentException(
          "config.json has model_type "
              + type
              + ", supported are dinov2 and dinov2_with_registers");
    }
    boolean registers = type.equals("dinov2_with_registers");
    requireFixed(json, "layer_norm_eps", 1e-6);
    requireFixed(json, "num_channels", 3);
    return new VisionTransformerConfig(
        integer(json, "image_size"),
        integer(json, "patch_size"),
        integer(json, "hidden_size"),
        integer(json, "num_hidden_layers"),
        integer(json, "num_attention_heads"),
        json.path("mlp_ratio").asDouble(4),
        json.path("use_swiglu_ffn").asBoolean(false) ? Ffn.SWIGLU : Ffn.MLP,
        registers ? json.path("num_register_tokens").asInt(4) : 0,
        json.path("layerscale_value").asDouble(1),
        json.path("interpolate_offset").asDouble(registers ? 0.0 : 0.1),
        json.path("interpolate_antialias").asBoolean(registers));
  }

  private static int integer(JsonNode json, String key) {
    if (!json.path(key).isIntegralNumber()) {
      throw new IllegalArgumentException(
          "config.json needs the integer " + key + ", it has " + json.path(key));
    }
    return json.get(key).asInt();
  }

  private static void requireFixed(JsonNode json, String key, double value) {
    if (json.has(key) && json.get(key).asDouble() != value) {
      throw new IllegalArgumentException(
          "config.json has " + key + " " + json.get(key) + ", supported is " + value);
    }
  }
}
