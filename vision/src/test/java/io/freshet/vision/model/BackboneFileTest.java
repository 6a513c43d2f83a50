package io.freshet.vision.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.vision.model.BackboneFile.Naming;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.weights.MalformedWeightsException;
import io.freshet.vision.weights.PthReader;
import io.freshet.vision.weights.PthWriter;
import io.freshet.vision.weights.Safetensors;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.TrainingCheckpoint;
import io.freshet.vision.weights.WeightTensor;
import io.freshet.vision.weights.WeightsFile.Format;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BackboneFileTest {

  private static final Preprocessing PREPROCESSING = Preprocessing.imageNet(36, 32);

  @TempDir Path dir;

  static Stream<String> variants() {
    return Goldens.cases("vit", ".hf.safetensors").stream();
  }

  private static Path golden(String file) {
    return Goldens.dir("vit").resolve(file);
  }

  private static OptionalInt heads(String variant) {
    return OptionalInt.of(VitGoldens.config(variant).heads());
  }

  private static void assertSameBits(StateDict expected, StateDict actual) {
    assertEquals(new TreeSet<>(expected.names()), new TreeSet<>(actual.names()));
    expected
        .tensors()
        .forEach(
            (name, tensor) -> {
              assertEquals(tensor.type(), actual.get(name).type(), name);
              assertEquals(tensor.shape(), actual.get(name).shape(), name);
              assertEquals(tensor.data(), actual.get(name).data(), name);
            });
  }

  @ParameterizedTest
  @MethodSource("variants")
  void everyFormOfABackboneGivesTheSameBitsAndArchitecture(String variant) throws Exception {
    VisionTransformerConfig config = VitGoldens.config(variant);
    StateDict reference = Safetensors.read(golden(variant + ".weights.safetensors"));
    Map<String, Naming> forms =
        Map.of(
            ".weights.pth", Naming.OFFICIAL,
            ".weights.safetensors", Naming.OFFICIAL,
            ".hf.safetensors", Naming.HUGGINGFACE);
    for (Map.Entry<String, Naming> form : forms.entrySet()) {
      BackboneFile read = BackboneFile.read(golden(variant + form.getKey()), heads(variant));
      assertEquals(form.getValue(), read.naming(), form.getKey());
      assertEquals(config, read.config(), form.getKey());
      assertFalse(read.configured());
      assertSameBits(reference, read.weights().backbone());
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void aDirectoryAndBackGivesTheFilesThatItWasMadeFrom(String variant) throws Exception {
    BackboneFile.read(golden(variant + ".weights.pth"), heads(variant))
        .writeDirectory(dir, PREPROCESSING);
    assertSameBits(
        Safetensors.read(golden(variant + ".hf.safetensors")),
        Safetensors.read(dir.resolve(HuggingFaceDirectory.WEIGHTS)));

    BackboneFile read = BackboneFile.read(dir, OptionalInt.empty());
    assertTrue(read.configured());
    assertEquals(VitGoldens.config(variant), read.config());
    Path safetensors = dir.resolve("official.safetensors");
    Path pth = dir.resolve("official.pth");
    Path huggingFace = dir.resolve("hf.safetensors");
    read.write(safetensors, Naming.OFFICIAL);
    read.write(pth, Naming.OFFICIAL);
    read.write(huggingFace, Naming.HUGGINGFACE);
    assertArrayEquals(
        Files.readAllBytes(golden(variant + ".weights.safetensors")),
        Files.readAllBytes(safetensors));
    StateDict original = PthReader.read(golden(variant + ".weights.pth"));
    assertEquals(List.copyOf(original.names()), List.copyOf(PthReader.read(pth).names()));
    assertSameBits(original, PthReader.read(pth));
    assertSameBits(
        Safetensors.read(golden(variant + ".hf.safetensors")), Safetensors.read(huggingFace));
  }

  @Test
  void aTrainingCheckpointKeepsItsHeadsThereAndBack() throws Exception {
    Path chunked = golden("teacher_checkpoint_chunked.pth");
    StateDict checkpoint = PthReader.read(chunked);
    BackboneFile read = BackboneFile.read(chunked, OptionalInt.of(4));
    assertEquals(Naming.CHECKPOINT, read.naming());
    assertEquals(4, read.config().depth());
    read.writeDirectory(dir, PREPROCESSING);
    assertSameBits(
        checkpoint.under("teacher.dino_head."),
        Safetensors.read(dir.resolve("dino_head.safetensors")));
    assertFalse(Files.exists(dir.resolve("ibot_head.safetensors")));

    for (String file : List.of("back.pth", "back.safetensors")) {
      BackboneFile.read(dir, OptionalInt.empty()).write(dir.resolve(file), Naming.CHECKPOINT);
      BackboneFile back = BackboneFile.read(dir.resolve(file), OptionalInt.of(4));
      assertEquals(Naming.CHECKPOINT, back.naming());
      assertSameBits(TrainingCheckpoint.of(checkpoint).backbone(), back.weights().backbone());
      assertSameBits(
          checkpoint.under("teacher.dino_head."), back.weights().heads().get("dino_head"));
    }
  }

  @Test
  void swigluRegistersAndHeadsOf64AreReadOffTheShapes() throws Exception {
    VisionTransformerConfig config =
        VisionTransformerConfig.of(42, 14, 128, 2, 2)
            .withFfn(Ffn.SWIGLU)
            .withRegisters(4)
            .withLayerScaleInit(1);
    StateDict weights = drawn(config);
    Path pth = dir.resolve("swiglu.pth");
    PthWriter.write(pth, weights);
    BackboneFile official = BackboneFile.read(pth, OptionalInt.empty());
    assertEquals(config, official.config());

    Path huggingFace = dir.resolve("swiglu.safetensors");
    official.write(huggingFace, Naming.HUGGINGFACE);
    assertTrue(Safetensors.read(huggingFace).has("encoder.layer.1.mlp.weights_in.weight"));
    BackboneFile back = BackboneFile.read(huggingFace, OptionalInt.empty());
    assertEquals(config, back.config());
    assertEquals(Format.SAFETENSORS, back.format());
    assertSameBits(weights, back.weights().backbone());
  }

  @Test
  void anUnusualWidthOfTheFeedForwardLayerIsReadOffTheShapes() throws Exception {
    for (int hidden : new int[] {64, 100, 333}) {
      VisionTransformerConfig config =
          VisionTransformerConfig.of(32, 8, 96, 1, 3)
              .withLayerScaleInit(0)
              .withMlpRatio(Math.nextUp(hidden / 96.0));
      Path pth = dir.resolve(hidden + ".pth");
      PthWriter.write(pth, drawn(config));
      VisionTransformerConfig read = BackboneFile.read(pth, OptionalInt.of(3)).config();
      assertEquals(hidden, read.hiddenDim());
      assertEquals(0, read.layerScaleInit());
    }
  }

  private static StateDict drawn(VisionTransformerConfig config) {
    StateDict.Builder weights = StateDict.builder();
    config
        .parameterShapes()
        .forEach(
            (name, shape) ->
                weights.put(
                    name,
                    WeightTensor.ofFloats(
                        ParameterInitialization.normal((int) shape.size(), 1, 5, name),
                        shape.getShape())));
    return weights.build();
  }

  private String refusal(String name, StateDict tensors) throws Exception {
    Path file = dir.resolve(name + ".safetensors");
    Safetensors.write(file, tensors, Map.of());
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> BackboneFile.read(file, OptionalInt.empty()))
            .getMessage();
    assertTrue(message.startsWith(file.toString()), message);
    return message;
  }

  private static StateDict without(StateDict tensors, String name) {
    StateDict.Builder rest = StateDict.builder();
    tensors
        .tensors()
        .forEach(
            (other, tensor) -> {
              if (!other.equals(name)) {
                rest.put(other, tensor);
              }
            });
    return rest.build();
  }

  @Test
  void whatIsNoBackboneIsRefusedWithTheTensorAndTheRemedy() throws Exception {
    StateDict weights = drawn(VisionTransformerConfig.of(32, 8, 64, 2, 1));
    StateDict odd = drawn(VisionTransformerConfig.of(32, 8, 32, 2, 4));
    WeightTensor one = WeightTensor.ofFloats(new float[] {1}, 1);
    assertTrue(refusal("heads", odd).contains("give --heads"));
    assertTrue(
        refusal("missing", without(weights, "blocks.1.attn.proj.bias"))
            .contains("blocks.1.attn.proj.bias"));
    assertTrue(refusal("none", without(weights, "cls_token")).contains("no cls_token"));
    StateDict.Builder more = StateDict.builder();
    weights.tensors().forEach(more::put);
    assertTrue(refusal("foreign", more.put("head.weight", one).build()).contains("head.weight"));
    StateDict.Builder positions = StateDict.builder();
    without(weights, "pos_embed").tensors().forEach(positions::put);
    positions.put("pos_embed", WeightTensor.ofFloats(new float[64 * 12], 1, 12, 64));
    assertTrue(refusal("positions", positions.build()).contains("12 positions"));
    StateDict.Builder flat = StateDict.builder();
    without(weights, "cls_token").tensors().forEach(flat::put);
    assertTrue(refusal("flat", flat.put("cls_token", one).build()).contains("cls_token"));
  }

  @Test
  void damagedAndMissingFilesAreNamed() throws Exception {
    Path cut = dir.resolve("cut.safetensors");
    Files.write(cut, new byte[] {1, 2, 3});
    String damaged =
        assertThrows(
                MalformedWeightsException.class, () -> BackboneFile.read(cut, OptionalInt.empty()))
            .getMessage();
    assertTrue(damaged.startsWith(cut.toString()), damaged);
    String missing =
        assertThrows(
                IllegalArgumentException.class, () -> BackboneFile.read(dir, OptionalInt.empty()))
            .getMessage();
    assertTrue(missing.contains("model.safetensors"), missing);
  }

  @Test
  void aDirectorysOwnConfigurationWinsAndIsChecked() throws Exception {
    VisionTransformerConfig config = VisionTransformerConfig.of(32, 8, 64, 2, 4);
    HuggingFaceDirectory.write(dir, config, drawn(config), PREPROCESSING);
    assertEquals(4, BackboneFile.read(dir, OptionalInt.empty()).config().heads());
    String other =
        assertThrows(
                IllegalArgumentException.class, () -> BackboneFile.read(dir, OptionalInt.of(2)))
            .getMessage();
    assertTrue(other.contains("config.json") && other.contains("--heads"), other);
    Path json = dir.resolve(HuggingFaceDirectory.CONFIG);
    Files.writeString(
        json, Files.readString(json).replace("\"hidden_size\" : 64", "\"hidden_size\" : 128"));
    assertTrue(
        assertThrows(
                IllegalArgumentException.class, () -> BackboneFile.read(dir, OptionalInt.empty()))
            .getMessage()
            .contains("cls_token"));
    Files.writeString(json, "{");
    assertThrows(IllegalArgumentException.class, () -> BackboneFile.read(dir, OptionalInt.empty()));
  }
}
