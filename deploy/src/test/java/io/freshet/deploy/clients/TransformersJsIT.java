package io.freshet.deploy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A release as JavaScript clients load it, against {@code freshet embed}. Needs node and npm, and
 * half a gigabyte of packages; skipped where they can't be had.
 */
@Tag("slow")
class TransformersJsIT {
  private static final String PACKAGE = "@huggingface/transformers@4.3.2";
  private static final double MIN_COSINE = 0.9999;
  private static final int IMAGES = 4;

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
    Path release = TinyRelease.pulled(temp, registers);
    List<String> images = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      images.add(TinyRelease.noise(temp, i).toString());
    }
    Map<String, JsonNode> ours = EmbeddedVectors.lines(EmbeddedVectors.embed(release, images));
    Map<String, JsonNode> onnx =
        EmbeddedVectors.lines(
            EmbeddedVectors.embed(
                release, Stream.concat(Stream.of("--onnx"), images.stream()).toList()));
    List<String> command = new ArrayList<>(List.of("node", script.toString(), release.toString()));
    command.addAll(images);
    Map<String, JsonNode> theirs = EmbeddedVectors.lines(output(command));
    for (String image : images) {
      JsonNode vector = ours.get(image).get("vector");
      JsonNode js = theirs.get(image);
      assertEquals(1 + registers + 16, js.at("/tokens/1").asInt());
      for (JsonNode other :
          List.of(js.get("transformers"), js.get("onnxruntime"), onnx.get(image).get("vector"))) {
        double cosine = EmbeddedVectors.cosine(vector, other);
        assertTrue(cosine >= MIN_COSINE, image + ": cosine " + cosine);
      }
    }
    double apart =
        EmbeddedVectors.cosine(
            ours.get(images.get(0)).get("vector"), ours.get(images.get(1)).get("vector"));
    assertTrue(apart < 0.999, "the images can't be told apart: cosine " + apart);
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
