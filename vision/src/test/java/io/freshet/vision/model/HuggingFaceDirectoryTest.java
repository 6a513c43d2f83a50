package io.freshet.vision.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.weights.StateDict;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HuggingFaceDirectoryTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path dir;

  @Test
  void aModelSurvivesTheDirectoryBitForBit() throws Exception {
    VisionTransformerConfig config =
        VisionTransformerConfig.of(32, 8, 32, 2, 4)
            .withFfn(VisionTransformerConfig.Ffn.SWIGLU)
            .withRegisters(4)
            .withLayerScaleInit(0.5);
    try (TorchScriptLibrary library =
            TorchScriptLibrary.load(TorchRuntime.start(), ScriptSource.visionTransformer());
        VisionTransformer model = VisionTransformer.initialise(library, config, 9)) {
      StateDict weights = model.weights();
      HuggingFaceDirectory.write(dir, config, weights, Preprocessing.imageNet(256, 224));
      try (VisionTransformer read = HuggingFaceDirectory.open(dir, library)) {
        assertEquals(config, read.config());
        for (String name : weights.names()) {
          assertArrayEquals(
              weights.get(name).toFloats(), read.parameters().get(name).toFloatArray(), name);
        }
      }
    }
  }

  @Test
  void configurationsHaveTheKeysOfTheirHuggingFaceClass() {
    ObjectNode plain = HuggingFaceConfig.toJson(VisionTransformerConfig.vitSmall(14, 518));
    assertEquals("dinov2", plain.get("model_type").asText());
    assertEquals("Dinov2Model", plain.get("architectures").get(0).asText());
    assertEquals(384, plain.get("hidden_size").asInt());
    assertEquals(12, plain.get("num_hidden_layers").asInt());
    assertEquals(6, plain.get("num_attention_heads").asInt());
    ObjectNode registers =
        HuggingFaceConfig.toJson(VisionTransformerConfig.vitGiant2(14, 518).withRegisters(4));
    assertEquals("dinov2_with_registers", registers.get("model_type").asText());
    assertEquals(4, registers.get("num_register_tokens").asInt());
    assertTrue(registers.get("use_swiglu_ffn").asBoolean());
  }

  @Test
  void aConfigurationWrittenByTransformersIsUnderstood() throws Exception {
    JsonNode json =
        JSON.readTree(
            """
            {"architectures": ["Dinov2Model"], "attention_probs_dropout_prob": 0.0, "drop_path_rate": 0.0, "hidden_act": "gelu",
             "hidden_size": 384, "image_size": 518, "initializer_range": 0.02, "layer_norm_eps": 1e-06, "layerscale_value": 1.0,
             "mlp_ratio": 4, "model_type": "dinov2", "num_attention_heads": 6, "num_channels": 3, "num_hidden_layers": 12,
             "patch_size": 14, "qkv_bias": true, "torch_dtype": "float32", "transformers_version": "4.31.0.dev0", "use_swiglu_ffn": false}
            """);
    assertEquals(
        VisionTransformerConfig.vitSmall(14, 518).withLayerScaleInit(1),
        HuggingFaceConfig.fromJson(json));
  }

  @Test
  void anotherModelTypeIsRefused() throws Exception {
    JsonNode json = JSON.readTree("{\"model_type\": \"bert\"}");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> HuggingFaceConfig.fromJson(json));
    assertTrue(e.getMessage().contains("bert"), e.getMessage());
  }
}
