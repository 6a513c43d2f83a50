package io.freshet.deploy.clients;

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
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;

/** A small vision transformer with random weights as a release, and images for it. */
final class TinyRelease {
  /** Of what the model sees, pixels. */
  static final int SIDE = 56;

  private TinyRelease() {}

  /** Publishes {@code tiny@1} and copies it out of the registry. */
  static Path pulled(Path temp, int registers) throws IOException {
    ModelRegistry registry = published(temp, registers);
    Path pulled = temp.resolve("tiny" + registers);
    new ReleasePull(registry, bytes -> {})
        .pull(registry.manifest(new ModelVersion("tiny", 1)), pulled);
    return pulled;
  }

  /** With its ONNX form. */
  static ModelRegistry published(Path temp, int registers) throws IOException {
    VisionTransformerConfig config =
        VisionTransformerConfig.of(SIDE, 14, 64, 4, 4)
            .withLayerScaleInit(1)
            .withRegisters(registers);
    StateDict weights = weights(config);
    Path staged = temp.resolve("staged" + registers);
    Files.createDirectories(staged.resolve("onnx"));
    HuggingFaceDirectory.write(staged, config, weights, Preprocessing.imageNet(SIDE, SIDE));
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
    return registry;
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

  /** A PNG of the model's size, so that how a library resizes is not part of a comparison. */
  static Path noise(Path temp, int number) throws IOException {
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

  /** A JPEG that has to be resized and cut: shades, an edge and a round thing. */
  static Path jpeg(Path temp, int number) throws IOException {
    BufferedImage image = new BufferedImage(320, 240, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    Color light = Color.getHSBColor(number * 0.31f, 0.6f, 0.9f);
    Color dark = Color.getHSBColor(number * 0.47f, 0.8f, 0.3f);
    graphics.setPaint(new GradientPaint(0, 0, light, 320, 240, dark));
    graphics.fillRect(0, 0, 320, 240);
    graphics.setColor(dark);
    graphics.fillOval(60 + 20 * number, 40 + 15 * number, 120, 90);
    graphics.dispose();
    Path file = temp.resolve(number + ".jpg");
    ImageIO.write(image, "jpeg", file.toFile());
    return file;
  }
}
