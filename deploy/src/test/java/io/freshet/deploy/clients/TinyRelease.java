package io.freshet.deploy.clients;

import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.Release;
import io.freshet.platform.registry.ReleasePull;
import io.freshet.trainer.release.OnnxExport;
import io.freshet.trainer.release.QuantizedOnnx;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbedderSpec.Kind;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.DecodeLimits;
import io.freshet.vision.image.ImageDecoder;
import io.freshet.vision.image.ImageRejectedException;
import io.freshet.vision.image.RgbImage;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/** A small vision transformer with random weights as a release, and images for it. */
final class TinyRelease {
  /** Of what the model sees, pixels. */
  static final int SIDE = 56;

  private static final String WHOLE = "onnx/model.onnx";

  private TinyRelease() {}

  /** Publishes {@code tiny@1} and copies it out of the registry. */
  static Path pulled(Path temp, int registers) throws IOException {
    ModelRegistry registry = published(temp, registers);
    Path pulled = temp.resolve("tiny" + registers);
    new ReleasePull(registry, bytes -> {})
        .pull(registry.manifest(new ModelVersion("tiny", 1)), pulled);
    return pulled;
  }

  /**
   * With its ONNX forms, and in the manifest how far the one in eight bits drifts on {@link
   * #images}.
   */
  static ModelRegistry published(Path temp, int registers) throws IOException {
    VisionTransformerConfig config =
        VisionTransformerConfig.of(SIDE, 14, 64, 4, 4)
            .withLayerScaleInit(1)
            .withRegisters(registers);
    StateDict weights = weights(config);
    Path staged = temp.resolve("staged" + registers);
    Files.createDirectories(staged.resolve("onnx"));
    HuggingFaceDirectory.write(staged, config, weights, Preprocessing.imageNet(SIDE, SIDE));
    Files.write(staged.resolve(WHOLE), OnnxExport.export(config, weights).toByteArray());
    QuantizedOnnx quantized = quantized(temp, staged, config, weights);
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
            quantized.metrics(),
            List.of(),
            EmbedderSpec.vit(SIDE, SIDE).toMap(),
            "Apache-2.0"));
    return registry;
  }

  private static QuantizedOnnx quantized(
      Path temp, Path staged, VisionTransformerConfig config, StateDict weights)
      throws IOException {
    byte[] form = OnnxExport.exportInt8(config, weights).toByteArray();
    Files.write(staged.resolve(QuantizedOnnx.FILE), form);
    List<RgbImage> images = new ArrayList<>();
    for (Path file : images(temp)) {
      images.add(decoded(file));
    }
    return QuantizedOnnx.measured(
        form, vectors(staged, WHOLE, images), vectors(staged, QuantizedOnnx.FILE, images));
  }

  private static RgbImage decoded(Path file) throws IOException {
    try {
      return new ImageDecoder(DecodeLimits.DEFAULTS).decode(Files.readAllBytes(file)).image();
    } catch (ImageRejectedException e) {
      throw new IllegalStateException("an image of the test's own", e);
    }
  }

  private static float[][] vectors(Path dir, String file, List<RgbImage> images) {
    EmbedderSpec spec =
        new EmbedderSpec(Kind.ONNX, file, "pooler_output", Preprocessing.imageNet(SIDE, SIDE));
    try (ImageEmbedder embedder = ImageEmbedders.open(spec.space("tiny", 1), spec, dir)) {
      return embedder.embed(images);
    }
  }

  /** Images of the model's size, so that how a library resizes is not part of a comparison. */
  static List<Path> images(Path temp) throws IOException {
    List<Path> images = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      images.add(noise(temp, i));
      images.add(jpeg(temp, "square" + i, i, SIDE, SIDE));
    }
    return images;
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

  /** A PNG of the model's size. */
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

  /** A JPEG that has to be resized and cut. */
  static Path jpeg(Path temp, int number) throws IOException {
    return jpeg(temp, Integer.toString(number), number, 320, 240);
  }

  /** Shades, an edge and a round thing. */
  private static Path jpeg(Path temp, String name, int number, int width, int height)
      throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    Color light = Color.getHSBColor(number * 0.31f, 0.6f, 0.9f);
    Color dark = Color.getHSBColor(number * 0.47f, 0.8f, 0.3f);
    graphics.setPaint(new GradientPaint(0, 0, light, width, height, dark));
    graphics.fillRect(0, 0, width, height);
    graphics.setColor(dark);
    graphics.fillOval(
        (3 + number) * width / 16, (8 + 3 * number) * height / 48, 3 * width / 8, 3 * height / 8);
    graphics.dispose();
    Path file = temp.resolve(name + ".jpg");
    ImageIO.write(image, "jpeg", file.toFile());
    return file;
  }
}
