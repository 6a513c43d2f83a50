package io.freshet.deploy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.Release;
import io.freshet.vision.model.ParameterInitialization;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;
import io.freshet.vision.weights.PthReader;
import io.freshet.vision.weights.PthWriter;
import io.freshet.vision.weights.Safetensors;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.WeightTensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class WeightsCommandTest {
  private static final VisionTransformerConfig MODEL =
      VisionTransformerConfig.of(28, 14, 64, 2, 1)
          .withFfn(Ffn.SWIGLU)
          .withRegisters(4)
          .withLayerScaleInit(1);

  @TempDir Path dir;

  private static StateDict backbone() {
    StateDict.Builder weights = StateDict.builder();
    MODEL
        .parameterShapes()
        .forEach(
            (name, shape) ->
                weights.put(
                    name,
                    WeightTensor.ofFloats(
                        ParameterInitialization.normal((int) shape.size(), 1, 3, name),
                        shape.getShape())));
    return weights.build();
  }

  /** A training checkpoint with a DINO head of one tensor. */
  private Path checkpoint() throws IOException {
    StateDict.Builder teacher = StateDict.builder();
    backbone().tensors().forEach((name, tensor) -> teacher.put("backbone." + name, tensor));
    teacher.put(
        "dino_head.last_layer.weight_g", WeightTensor.ofFloats(new float[] {1, 2, 3}, 3, 1));
    Path file = dir.resolve("teacher_checkpoint.pth");
    PthWriter.write(file, "teacher", teacher.build());
    return file;
  }

  private static String run(Object... arguments) {
    StringWriter out = new StringWriter();
    assertEquals(0, execute(out, arguments), out.toString());
    return out.toString();
  }

  /** The error that the arguments end in. */
  private static String refusal(Object... arguments) {
    StringWriter out = new StringWriter();
    assertEquals(1, execute(out, arguments), out.toString());
    return out.toString();
  }

  private static int execute(StringWriter out, Object... arguments) {
    CommandLine command =
        new CommandLine(new WeightsCommand())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(new PrintWriter(out))
            .setExecutionExceptionHandler(
                (error, line, parsed) -> {
                  if (!(error instanceof IllegalArgumentException)) {
                    throw error;
                  }
                  out.write(error.getMessage());
                  return 1;
                });
    return command.execute(Stream.of(arguments).map(Object::toString).toArray(String[]::new));
  }

  private static void assertSameBits(StateDict expected, StateDict actual) {
    assertEquals(List.copyOf(expected.names()), List.copyOf(actual.names()));
    expected
        .tensors()
        .forEach((name, tensor) -> assertEquals(tensor.data(), actual.get(name).data(), name));
  }

  @Test
  void aCheckpointGoesToADirectoryAndBackBitForBit() throws Exception {
    Path checkpoint = checkpoint();
    Path model = dir.resolve("models/imported");
    String shown = run("import", checkpoint, "--to", model);
    assertTrue(shown.contains("ViT 64 wide, 2 blocks, 1 heads, patch 14, SwiGLU"), shown);
    try (Stream<Path> files = Files.list(model)) {
      assertEquals(
          List.of(
              "config.json",
              "dino_head.safetensors",
              "model.safetensors",
              "preprocessor_config.json"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }

    Path back = dir.resolve("back.pth");
    run("export", model, "--format", "checkpoint", "--to", back);
    assertSameBits(PthReader.read(checkpoint), PthReader.read(back));
    Path official = dir.resolve("official.pth");
    run("export", model, "--format", "official", "--to", official);
    assertSameBits(backbone(), PthReader.read(official));
    Path huggingFace = dir.resolve("hf.safetensors");
    run("export", official, "--format", "huggingface", "--to", huggingFace);
    assertSameBits(
        Safetensors.read(model.resolve("model.safetensors")), Safetensors.read(huggingFace));
  }

  @Test
  void showsArchitectureSizeAndTensors() throws Exception {
    String shown = run("show", checkpoint(), "--tensors");
    assertTrue(shown.contains("torch.save archive, checkpoint of training"), shown);
    assertTrue(shown.contains("4 registers, LayerScale"), shown);
    assertTrue(
        shown.contains(
            "%,d parameters in %d tensors of F32"
                .formatted(MODEL.parameterCount(), MODEL.parameterShapes().size())),
        shown);
    assertTrue(shown.contains("dino_head.last_layer.weight_g"), shown);
    assertTrue(shown.contains("[192, 64]"), shown);
  }

  @Test
  void aReleaseIsExportedByItsAlias() throws Exception {
    Path staged = dir.resolve("staged");
    run("import", checkpoint(), "--to", staged);
    Path registry = dir.resolve("registry");
    ModelRegistry releases = ModelRegistries.open(new RegistryConfig(registry));
    releases.publish(
        "m",
        staged,
        new Release(
            "vit",
            64,
            14,
            28,
            "run",
            1,
            1,
            List.of(),
            Map.of(),
            List.of(),
            Map.of(),
            "Apache-2.0"));
    releases.moveAlias("champion", releases.versions().get(0));
    Path file = dir.resolve("champion.pth");
    run(
        "export",
        "champion",
        "--format",
        "official",
        "--to",
        file,
        "--set",
        "registry.dir=" + registry);
    assertSameBits(backbone(), PthReader.read(file));
    String unknown =
        refusal(
            "export",
            "nobody",
            "--format",
            "official",
            "--to",
            dir.resolve("n.pth"),
            "--set",
            "registry.dir=" + registry);
    assertTrue(unknown.contains("nobody"), unknown);
  }

  @Test
  void whatExistsIsNeverOverwrittenAndFailuresLeaveNothing() throws Exception {
    Path checkpoint = checkpoint();
    Path taken = Files.createDirectory(dir.resolve("taken"));
    String exists = refusal("import", checkpoint, "--to", taken);
    assertTrue(exists.contains("exists"), exists);
    Path nameless = dir.resolve("sub/weights.xyz");
    String format = refusal("export", checkpoint, "--format", "official", "--to", nameless);
    assertTrue(format.contains(".safetensors or .pth"), format);
    try (Stream<Path> left = Files.list(dir.resolve("sub"))) {
      assertEquals(List.of(), left.toList());
    }
    String crop = refusal("import", checkpoint, "--to", dir.resolve("new"), "--crop", "225");
    assertTrue(crop.contains("--crop 224"), crop);
    assertFalse(Files.exists(dir.resolve("new")));
  }
}
