package io.freshet.vision.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.weights.HuggingFaceDinov2;
import io.freshet.vision.weights.Safetensors;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.WeightType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A model directory that Hugging Face's {@code AutoModel.from_pretrained} reads: {@code
 * model.safetensors}, {@code config.json} and {@code preprocessor_config.json}.
 */
public final class HuggingFaceDirectory {

  public static final String WEIGHTS = "model.safetensors";
  public static final String CONFIG = "config.json";
  public static final String PREPROCESSOR = "preprocessor_config.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final long MAX_CONFIG_BYTES = 1 << 20;
  private static final int PIL_BICUBIC = 3;

  private HuggingFaceDirectory() {}

  /** Writes the three files into {@code dir}, which exists and holds none of them. */
  public static void write(
      Path dir, VisionTransformerConfig config, StateDict official, Preprocessing preprocessing)
      throws IOException {
    Safetensors.write(
        dir.resolve(WEIGHTS), HuggingFaceDinov2.toHuggingFace(official), Map.of("format", "pt"));
    ObjectNode json = HuggingFaceConfig.toJson(config);
    json.put("torch_dtype", dtype(official.get("cls_token").type()));
    Files.write(dir.resolve(CONFIG), JSON.writeValueAsBytes(json));
    Files.write(dir.resolve(PREPROCESSOR), JSON.writeValueAsBytes(preprocessor(preprocessing)));
  }

  /** The architecture in {@code dir}. */
  public static VisionTransformerConfig config(Path dir) throws IOException {
    Path file = dir.resolve(CONFIG);
    if (Files.size(file) > MAX_CONFIG_BYTES) {
      throw new IllegalArgumentException(
          file + " has " + Files.size(file) + " bytes, the limit is " + MAX_CONFIG_BYTES);
    }
    return HuggingFaceConfig.fromJson(JSON.readTree(Files.readAllBytes(file)));
  }

  /**
   * The model in {@code dir}; the caller closes it. A model without LayerScale comes back with
   * factors of one.
   *
   * @throws io.freshet.vision.weights.MalformedWeightsException when the weights file is damaged
   * @throws IllegalArgumentException when weights and configuration do not agree
   */
  public static VisionTransformer open(Path dir, TorchScriptLibrary library) throws IOException {
    StateDict weights = HuggingFaceDinov2.toOfficial(Safetensors.read(dir.resolve(WEIGHTS)));
    return VisionTransformer.of(library, config(dir), weights);
  }

  private static String dtype(WeightType type) {
    return switch (type) {
      case F64 -> "float64";
      case F32 -> "float32";
      case F16 -> "float16";
      case BF16 -> "bfloat16";
      case I64, I32, I16, I8, U8, BOOL ->
          throw new IllegalArgumentException(
              "weights of type " + type + " are no model; floating-point numbers are wanted");
    };
  }

  private static ObjectNode preprocessor(Preprocessing preprocessing) {
    ObjectNode json = JSON.createObjectNode();
    json.put("image_processor_type", "BitImageProcessor");
    json.put("do_convert_rgb", true);
    json.put("do_resize", true);
    json.putObject("size").put("shortest_edge", preprocessing.resize());
    json.put("resample", PIL_BICUBIC);
    json.put("do_center_crop", true);
    json.putObject("crop_size")
        .put("height", preprocessing.imageSize())
        .put("width", preprocessing.imageSize());
    json.put("do_rescale", true);
    json.put("rescale_factor", 1 / 255.0);
    json.put("do_normalize", true);
    putAll(json.putArray("image_mean"), preprocessing.mean());
    putAll(json.putArray("image_std"), preprocessing.std());
    return json;
  }

  private static void putAll(ArrayNode array, List<Float> values) {
    for (float value : values) {
      array.add(Double.parseDouble(Float.toString(value)));
    }
  }
}
