package io.freshet.deploy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.deploy.command.EmbedCommand;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.Release;
import io.freshet.platform.registry.ReleasePull;
import io.freshet.trainer.release.OnnxExport;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.WeightTensor;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/**
 * A release as JavaScript clients load it, against {@code freshet embed}. Needs node and npm, and
 * half a gigabyte of packages; skipped where they can't be had.
 */
@Tag("slow")
class TransformersJsIT {
  private static final String PACKAGE = "@huggingface/transformers@4.3.2";
  private static final double MIN_COSINE = 0.9999;
  private static final int SIDE = 56;
  private static final int IMAGES = 4;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path temp;
  private static Path script;

  @BeforeAll
  static void install() throws Exception {
    assumeTrue(exits(temp, List.of("npm", "--version")), "no npm here");
    // The native library for CPUs is in the package; its install script fetches one for GPUs.
    assumeTrue(
        exits(
            temp,
            List.of("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE)),
        "npm can't install " + PACKAGE);
    script = temp.resolve("embed.mjs");
    try (InputStream in =
        TransformersJsIT.class.getResourceAsStream("/io/freshet/deploy/clients/embed.mjs")) {
      Files.copy(in, script);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4})
  void loadsAReleaseAndGivesTheSameVectors(int registers) throws Exception {
    Path release = release(registers);
    List<String> images = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      images.add(image(i).toString());
    }
    Map<String, JsonNode> ours = lines(embed(release, images));
    Map<String, JsonNode> onnx =
        lines(embed(release, Stream.concat(Stream.of("--onnx"), images.stream()).toList()));
    List<String> command = new ArrayList<>(List.of("node", script.toString(), release.toString()));
    command.addAll(images);
    Map<String, JsonNode> theirs = lines(output(command));
    for (String image : images) {
      JsonNode vector = ours.get(image).get("vector");
      JsonNode js = theirs.get(image);
      assertEquals(1 + registers + 16, js.at("/tokens/1").asInt());
      for (JsonNode other :
          List.of(js.get("transformers"), js.get("onnxruntime"), onnx.get(image).get("vector"))) {
        double cosine = cosine(vector, other);
        assertTrue(cosine >= MIN_COSINE, image + ": cosine " + cosine);
      }
    }
    double apart =
        cosine(ours.get(images.get(0)).get("vector"), ours.get(images.get(1)).get("vector"));
    assertTrue(apart < 0.999, "the images can't be told apart: cosine " + apart);
  }

  private static Path release(int registers) throws IOException {
    VisionTransformerConfig config =
        VisionTransformerConfig.of(SIDE, 14, 64, 4, 4)
            .withLayerScaleInit(1)
            .withRegisters(registers);
    StateDict weights = weights(config);
    Preprocessing preprocessing = Preprocessing.imageNet(SIDE, SIDE);
    Path staged = temp.resolve("staged" + registers);
    Files.createDirectories(staged.resolve("onnx"));
    HuggingFaceDirectory.write(staged, config, weights, preprocessing);
    Files.write(
        staged.resolve("onnx/model.onnx"), OnnxExport.export(config, weights).toByteArray());
    ModelRegistry registry =
        ModelRegistries.open(new RegistryConfig(temp.resolve("registry" + registers)));
    registry.publish(
        "tiny",
        staged,
        new Release(
            "vit",
            64,
            14,
            SIDE,
            "run",
            1,
            1,
            List.of(),
            Map.of(),
            List.of(),
            EmbedderSpec.vit(SIDE, SIDE).toMap(),
            "Apache-2.0"));
    Path pulled = temp.resolve("tiny" + registers);
    new ReleasePull(registry, bytes -> {})
        .pull(registry.manifest(new ModelVersion("tiny", 1)), pulled);
    return pulled;
  }

  private static StateDict weights(VisionTransformerConfig config) {
    Random random = new Random(5);
    StateDict.Builder weights = StateDict.builder();
    config
        .parameterShapes()
        .forEach(
            (name, shape) -> {
              float[] values = new float[Math.toIntExact(shape.size())];
              float centre = name.endsWith("norm.weight") || name.endsWith("gamma") ? 1 : 0;
              for (int i = 0; i < values.length; i++) {
                values[i] = centre + 0.2f * (float) random.nextGaussian();
              }
              weights.put(name, WeightTensor.ofFloats(values, shape.getShape()));
            });
    return weights.build();
  }

  /** Of the model's size, so that how a library resizes is not part of the comparison. */
  private static Path image(int number) throws IOException {
    Random random = new Random(number);
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        image.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    Path file = temp.resolve(number + ".png");
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  private static String embed(Path release, List<String> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of(release.toString()));
    all.addAll(arguments);
    int code =
        new CommandLine(new EmbedCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(all.toArray(String[]::new));
    assertEquals(0, code, err.toString());
    return out.toString();
  }

  private static Map<String, JsonNode> lines(String text) throws IOException {
    Map<String, JsonNode> byImage = new HashMap<>();
    for (String line : text.lines().toList()) {
      if (line.startsWith("{")) {
        JsonNode json = JSON.readTree(line);
        byImage.put(json.get("image").asText(), json);
      }
    }
    return byImage;
  }

  private static double cosine(JsonNode a, JsonNode b) {
    assertEquals(a.size(), b.size());
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.size(); i++) {
      dot += a.get(i).asDouble() * b.get(i).asDouble();
      aa += a.get(i).asDouble() * a.get(i).asDouble();
      bb += b.get(i).asDouble() * b.get(i).asDouble();
    }
    return dot / Math.sqrt(aa * bb);
  }

  private static boolean exits(Path dir, List<String> command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(dir.toFile())
              .redirectErrorStream(true)
              .redirectOutput(new File("/dev/null"))
              .start();
      return process.waitFor(5, TimeUnit.MINUTES) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static String output(List<String> command) throws IOException, InterruptedException {
    Path errors = temp.resolve("node.err");
    Process process =
        new ProcessBuilder(command).directory(temp.toFile()).redirectError(errors.toFile()).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), Files.readString(errors));
    return text;
  }
}
