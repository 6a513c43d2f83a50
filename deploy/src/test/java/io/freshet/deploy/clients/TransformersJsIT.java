package io.freshet.deploy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A release as JavaScript clients load it, against {@code freshet embed}. Needs npm, a node that
 * the packages run on, and a third of a gigabyte of packages; skipped where they can't be had.
 */
class TransformersJsIT {
  private static final double MIN_COSINE = 0.9999;

  /** Two builds of ONNX Runtime may round to eight bits differently now and then. */
  private static final double INT8_MARGIN = 0.0002;

  /** It shrinks by an affine map, which looks at the pixels near each target's middle only. */
  private static final double MIN_COSINE_OWN_RESIZE = 0.98;

  /** An odd margin is cut half a pixel elsewhere, which costs 0.0005; the rest is rounding. */
  private static final double MIN_COSINE_SHRUNK_BEFORE = 0.999;

  private static final Path PHOTOGRAPHS = Path.of("data/faces");

  @TempDir static Path temp;
  private static Path script;

  @BeforeAll
  static void install() throws Exception {
    assumeTrue(exits(List.of("npm", "--version")), "no npm here");
    copy("package.json");
    // The native library for CPUs is in the package; its install script fetches one for GPUs.
    assumeTrue(
        exits(
            List.of(
                "npm",
                "install",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--prefer-offline",
                "--engine-strict",
                "--fetch-retries=1")),
        "npm can't install what package.json names");
    script = copy("embed.mjs");
  }

  private static Path copy(String name) throws IOException {
    Path copy = temp.resolve(name);
    try (InputStream in =
        TransformersJsIT.class.getResourceAsStream("/io/freshet/deploy/clients/" + name)) {
      Files.copy(in, copy);
    }
    return copy;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4})
  void givesTheVectorsOfEmbedAndInEightBitsThoseOfTheManifestsDrift(int registers)
      throws Exception {
    Path release = TinyRelease.pulled(temp, registers);
    JsonNode drift =
        new ObjectMapper().readTree(release.resolve("manifest.json").toFile()).path("metrics");
    double minInt8 = drift.get("int8/cosine_min").asDouble() - INT8_MARGIN;
    List<String> images = TinyRelease.images(temp).stream().map(Path::toString).toList();
    Map<String, JsonNode> ours = EmbeddedVectors.lines(EmbeddedVectors.embed(release, images));
    Map<String, JsonNode> onnx =
        EmbeddedVectors.lines(
            EmbeddedVectors.embed(
                release, Stream.concat(Stream.of("--onnx"), images.stream()).toList()));
    Map<String, JsonNode> theirs = theirs(release, images);
    for (String image : images) {
      JsonNode vector = ours.get(image).get("vector");
      JsonNode js = theirs.get(image);
      assertEquals(1 + registers + 16, js.at("/tokens/1").asInt());
      for (JsonNode other :
          List.of(js.get("transformers"), js.get("onnxruntime"), onnx.get(image).get("vector"))) {
        assertNear(vector, other, MIN_COSINE, image);
      }
      assertNear(vector, js.get("quantized"), minInt8, image + " in eight bits");
    }
    double apart =
        EmbeddedVectors.cosine(
            ours.get(images.get(0)).get("vector"), ours.get(images.get(2)).get("vector"));
    assertTrue(apart < 0.999, "the images can't be told apart: cosine " + apart);
    assertTrue(
        images.stream()
            .map(theirs::get)
            .anyMatch(js -> !js.get("quantized").equals(js.get("transformers"))),
        "the whole model was taken for the one in eight bits");
  }

  @Test
  void shrinksPhotographsNearlyAsEmbedDoesAndBetterWhenSharpDoesItBefore() throws Exception {
    Path release = TinyRelease.pulled(Files.createDirectory(temp.resolve("resized")), 0);
    List<String> images = photographs();
    Map<String, JsonNode> ours = EmbeddedVectors.lines(EmbeddedVectors.embed(release, images));
    Map<String, JsonNode> theirs = theirs(release, images);
    for (String image : images) {
      JsonNode vector = ours.get(image).get("vector");
      JsonNode js = theirs.get(image);
      assertNear(vector, js.get("transformers"), MIN_COSINE_OWN_RESIZE, image);
      assertNear(vector, js.get("shrunk"), MIN_COSINE_SHRUNK_BEFORE, image + ", shrunk before");
    }
  }

  private static List<String> photographs() throws IOException {
    try (Stream<Path> files = Files.list(PHOTOGRAPHS)) {
      return files
          .map(file -> file.toAbsolutePath().toString())
          .filter(file -> file.endsWith(".jpg"))
          .sorted()
          .toList();
    }
  }

  private static void assertNear(JsonNode ours, JsonNode theirs, double least, String what) {
    double cosine = EmbeddedVectors.cosine(ours, theirs);
    assertTrue(cosine >= least, "%s: cosine %s, at least %s".formatted(what, cosine, least));
  }

  private static Map<String, JsonNode> theirs(Path release, List<String> images) throws Exception {
    List<String> command = new ArrayList<>(List.of("node", script.toString(), release.toString()));
    command.addAll(images);
    return EmbeddedVectors.lines(output(command));
  }

  private static boolean exits(List<String> command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(temp.toFile())
              .redirectErrorStream(true)
              .redirectOutput(new File("/dev/null"))
              .start();
      boolean ended = process.waitFor(3, TimeUnit.MINUTES);
      process.destroyForcibly();
      return ended && process.exitValue() == 0;
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
