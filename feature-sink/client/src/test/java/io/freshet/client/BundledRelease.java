package io.freshet.client;

import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.Release;
import io.freshet.vision.embed.BundledModel;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.ImageEmbedders;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** The bundled MobileNetV2 as a release, and pictures to embed. */
public final class BundledRelease {
  private BundledRelease() {}

  /**
   * Publishes it as the next {@code freshet}.
   *
   * @param temp for the files to publish
   */
  public static void publish(ModelRegistry registry, Path temp) throws IOException {
    EmbedderSpec spec = ImageEmbedders.bootstrapSpec();
    Path staged = Files.createTempDirectory(temp, "staged");
    Files.write(staged.resolve(spec.file()), BundledModel.MOBILENET_V2.bytes());
    publish(registry, staged, spec);
  }

  static void publish(ModelRegistry registry, Path staged, EmbedderSpec spec) {
    registry.publish(
        "freshet",
        staged,
        new Release(
            "mobilenet_v2",
            1792,
            0,
            224,
            "run",
            1,
            1,
            List.of(),
            Map.of(),
            List.of(),
            spec.toMap(),
            "MIT"));
  }

  /** A JPEG file with a disc whose place and colour follow from the number. */
  public static byte[] picture(int number) throws IOException {
    BufferedImage image = new BufferedImage(320, 240, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.getHSBColor(number * 0.31f, 0.8f, 0.9f));
    graphics.fillRect(0, 0, 320, 240);
    graphics.setColor(Color.getHSBColor(number * 0.47f, 0.9f, 0.4f));
    graphics.fillOval(30 * number, 20 * number, 120, 100);
    graphics.dispose();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "jpeg", bytes);
    return bytes.toByteArray();
  }
}
