package io.freshet.deploy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.Release;
import io.freshet.vision.adapter.AdapterFile;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.WeightTensor;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CompatCommandTest {
  private static final int SIDE = 28;
  private static final int IMAGES = 160;

  @TempDir private Path temp;

  @Test
  void tellsRelatedReleasesFromUnrelatedOnes() throws IOException {
    publish(0, 1);
    publish(0.05, 2);
    publish(30, 3);
    Path images = images();
    Path json = temp.resolve("compat.json");
    Path adapters = temp.resolve("adapters");

    String near =
        run(
            0,
            "freshet@1",
            "freshet@2",
            "--images",
            images,
            "--rank",
            32,
            "--json",
            json,
            "--to",
            adapters);
    assertTrue(near.contains("128 images fitted on, 32 measured"), near);
    JsonNode figures = new ObjectMapper().readTree(json.toFile());
    assertTrue(figures.get("orthogonal_old_to_new_recall_at_10").asDouble() > 0.8, near);
    assertTrue(figures.get("compatible").asBoolean(), near);
    try (Stream<Path> files = Files.list(adapters)) {
      for (Path file : files.toList()) {
        assertTrue(AdapterFile.read(file).recallAt10() > 0.5, file.toString());
      }
    }

    String far = run(2, "freshet@1", "freshet@3", "--images", images, "--min-recall", 0.95);
    assertTrue(far.contains("May I mix them? No"), far);
    String same = run(1, "freshet@1", "freshet@1", "--images", images);
    assertTrue(same.contains("are the same space"), same);
  }

  private String run(int expected, Object... arguments) {
    StringWriter out = new StringWriter();
    CommandLine command =
        new CommandLine(new CompatCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(out))
            .setExecutionExceptionHandler(
                (error, line, parsed) -> {
                  out.write(error.getMessage());
                  return 1;
                });
    Stream<Object> registry = Stream.of("--set", "registry.dir=" + temp.resolve("registry"));
    int code =
        command.execute(
            Stream.concat(Stream.of(arguments), registry)
                .map(Object::toString)
                .toArray(String[]::new));
    assertEquals(expected, code, out.toString());
    return out.toString();
  }

  /** The same weights with so much noise over them. */
  private void publish(double noise, long seed) throws IOException {
    VisionTransformerConfig config =
        VisionTransformerConfig.of(SIDE, 14, 32, 2, 2).withLayerScaleInit(1);
    Random base = new Random(5);
    Random other = new Random(seed);
    StateDict.Builder weights = StateDict.builder();
    config
        .parameterShapes()
        .forEach(
            (name, shape) -> {
              float[] values = new float[Math.toIntExact(shape.size())];
              float centre = name.endsWith("norm.weight") || name.endsWith("gamma") ? 1 : 0;
              for (int i = 0; i < values.length; i++) {
                values[i] =
                    centre + 0.15f * (float) (base.nextGaussian() + noise * other.nextGaussian());
              }
              weights.put(name, WeightTensor.ofFloats(values, shape.getShape()));
            });
    Path staged = Files.createDirectories(temp.resolve("staged" + seed));
    HuggingFaceDirectory.write(staged, config, weights.build(), Preprocessing.imageNet(SIDE, SIDE));
    ModelRegistry registry = ModelRegistries.open(new RegistryConfig(temp.resolve("registry")));
    registry.publish(
        "freshet",
        staged,
        new Release(
            "vit",
            32,
            14,
            SIDE,
            "run",
            seed,
            1,
            List.of(),
            Map.of(),
            List.of(),
            EmbedderSpec.vit(SIDE, SIDE).toMap(),
            "Apache-2.0"));
  }

  private Path images() throws IOException {
    Path dir = Files.createDirectories(temp.resolve("images"));
    Random random = new Random(9);
    for (int i = 0; i < IMAGES; i++) {
      BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
      Graphics2D graphics = image.createGraphics();
      graphics.setColor(new Color(random.nextInt(1 << 24)));
      graphics.fillRect(0, 0, SIDE, SIDE);
      for (int shape = 0; shape < 3; shape++) {
        graphics.setColor(new Color(random.nextInt(1 << 24)));
        graphics.fillOval(random.nextInt(SIDE), random.nextInt(SIDE), 14, 14);
      }
      graphics.dispose();
      ImageIO.write(image, "png", dir.resolve(i + ".png").toFile());
    }
    return dir;
  }
}
