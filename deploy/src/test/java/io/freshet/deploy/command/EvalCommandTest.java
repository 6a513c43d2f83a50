package io.freshet.deploy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.RegistryException;
import io.freshet.platform.registry.ReleasePull;
import io.freshet.platform.testing.PlainRelease;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.ParameterInitialization;
import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.weights.MalformedWeightsException;
import io.freshet.vision.weights.PthWriter;
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
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class EvalCommandTest {
  private static final VisionTransformerConfig MODEL =
      VisionTransformerConfig.of(28, 14, 64, 5, 1).withLayerScaleInit(1);
  private static final int EACH = 12;

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
                        ParameterInitialization.backbone(MODEL, name, shape, 1),
                        shape.getShape())));
    return weights.build();
  }

  private Path model() throws IOException {
    Path model = Files.createDirectories(dir.resolve("model"));
    HuggingFaceDirectory.write(model, MODEL, backbone(), Preprocessing.imageNet(32, 28));
    return model;
  }

  /** Red and blue pictures with a grey square each, and a broken file. */
  private Path images() throws IOException {
    Path data = dir.resolve("data");
    Random random = new Random(5);
    for (String name : new String[] {"red", "blue"}) {
      Files.createDirectories(data.resolve(name));
      for (int i = 0; i < EACH; i++) {
        BufferedImage image = new BufferedImage(40, 36, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        int strong = 150 + random.nextInt(100);
        graphics.setColor(
            name.equals("red") ? new Color(strong, 20, 20) : new Color(20, 20, strong));
        graphics.fillRect(0, 0, 40, 36);
        graphics.setColor(Color.GRAY);
        graphics.fillRect(random.nextInt(30), random.nextInt(30), 8, 8);
        graphics.dispose();
        ImageIO.write(image, "png", data.resolve(name).resolve(i + ".png").toFile());
      }
    }
    Files.writeString(data.resolve("red/broken.jpg"), "no picture");
    return data;
  }

  private static String run(int expected, Object... arguments) {
    StringWriter out = new StringWriter();
    CommandLine command =
        new CommandLine(new EvalCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(new StringWriter()))
            .setExecutionExceptionHandler(
                (error, line, parsed) -> {
                  if (!(error instanceof IllegalArgumentException)
                      && !(error instanceof RegistryException)
                      && !(error instanceof MalformedWeightsException)) {
                    throw error;
                  }
                  out.write(error.getMessage());
                  return 1;
                });
    int code = command.execute(Stream.of(arguments).map(Object::toString).toArray(String[]::new));
    assertEquals(expected, code, out.toString());
    return out.toString();
  }

  @Test
  void measuresAHuggingFaceDirectoryOnFoldersAndSkipsWhatIsBroken() throws IOException {
    Path json = dir.resolve("out/figures.json");
    Path plots = dir.resolve("plots");

    String table =
        run(0, model(), "--data", images(), "--probe-steps", 50, "--json", json, "--plots", plots);

    assertTrue(table.contains("ViT 64 wide, 5 blocks, patch 14"), table);
    assertTrue(table.contains("28 x 28 px, cut from the middle of a shorter side of 32 px"), table);
    assertTrue(table.contains("red/broken.jpg: FORMAT_UNSUPPORTED"), table);
    assertTrue(table.contains("leave one out"), table);
    JsonNode figures = new ObjectMapper().readTree(json.toFile());
    assertEquals(2 * EACH, figures.required("images").intValue());
    assertEquals(1, figures.required("skipped").intValue());
    assertEquals(1, figures.required("knn_top1").doubleValue());
    assertEquals(1, figures.required("linear_top1").doubleValue());
    assertEquals(1, figures.required("logreg_top1").doubleValue());
    assertTrue(figures.required("retrieval_map").doubleValue() > 0.9);
    assertTrue(figures.required("rankme").doubleValue() >= 1);
    assertTrue(figures.has("alignment") && figures.has("uniformity"));
    assertFalse(figures.has("miou"));
    assertTrue(Files.readString(plots.resolve("confusions.svg")).contains(">blue</text>"));
    assertTrue(
        Files.readString(plots.resolve("precision-recall.svg")).contains(">blue  100.0 %</text>"));
    for (String picture : new String[] {"neighbours.png", "patches.png"}) {
      assertTrue(ImageIO.read(plots.resolve(picture).toFile()).getWidth() > 100, picture);
    }
  }

  @Test
  void aPulledReleaseThatWasAlteredIsNotMeasured() throws IOException {
    ModelRegistry registry = ModelRegistries.open(new RegistryConfig(dir.resolve("registry")));
    registry.publish("freshet", model(), PlainRelease.at(1));
    Path pulled = dir.resolve("pulled");
    new ReleasePull(registry, bytes -> {})
        .pull(registry.manifest(new ModelVersion("freshet", 1)), pulled);
    Path weights = pulled.resolve(HuggingFaceDirectory.WEIGHTS);
    byte[] altered = Files.readAllBytes(weights);
    altered[altered.length - 1] ^= 1;
    Files.delete(weights);
    Files.write(weights, altered);
    String refusal = run(1, pulled, "--data", images());
    assertTrue(refusal.contains("was altered"), refusal);
  }

  @Test
  void aFileOfWeightsAndTheBundledModelAreMeasuredTheSameWay() throws IOException {
    Path weights = dir.resolve("weights.pth");
    PthWriter.write(weights, backbone());
    Path data = images();
    String ours = run(0, weights, "--data", data, "--probe-steps", 20);
    assertTrue(ours.contains("28 x 28 px"), ours);
    String bundled =
        run(
            0,
            "bootstrap",
            "--data",
            data,
            "--probe-steps",
            20,
            "--corruptions",
            "--shifted",
            data,
            "--set",
            "registry.dir=" + dir.resolve("registry"));
    assertTrue(bundled.contains("the bundled MobileNetV2"), bundled);
    assertTrue(bundled.contains("224 x 224 px"), bundled);
    assertTrue(bundled.contains("knn_top1_corrupted"), bundled);
    assertTrue(bundled.contains("logreg_top1_shifted                 100.00 %"), bundled);
  }

  @Test
  void aShiftedSetThatCannotBeReadCostsNoOtherFigure() throws IOException {
    Path shifted = dir.resolve("shifted");
    for (String name : new String[] {"red/a.png", "blue/b.png"}) {
      Files.createDirectories(shifted.resolve(name).getParent());
      Files.writeString(shifted.resolve(name), "no picture");
    }
    Path json = dir.resolve("figures.json");
    String table =
        run(
            0,
            model(),
            "--data",
            images(),
            "--probe-steps",
            5,
            "--shifted",
            shifted,
            "--json",
            json);
    assertTrue(table.contains("shifted_set"), table);
    assertTrue(table.contains("not measured: none of the 2 images can be read"), table);
    JsonNode figures = new ObjectMapper().readTree(json.toFile());
    assertEquals(1, figures.required("knn_top1").doubleValue());
    assertFalse(figures.has("knn_top1_shifted"));
  }

  @Test
  void masksAndDepthBesideImagesAreMeasured() throws IOException {
    Path data = dir.resolve("dense");
    for (String folder : new String[] {"images", "masks", "depth"}) {
      Files.createDirectories(data.resolve(folder));
    }
    for (int i = 0; i < 10; i++) {
      BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_INT_RGB);
      BufferedImage mask = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
      BufferedImage depth = new BufferedImage(28, 28, BufferedImage.TYPE_USHORT_GRAY);
      for (int pixel = 0; pixel < 28 * 28; pixel++) {
        int x = pixel % 28;
        int y = pixel / 28;
        boolean left = x < 14 == (i % 2 == 0);
        image.setRGB(x, y, left ? 0xd01010 : 0x1010d0);
        mask.getRaster().setSample(x, y, 0, left ? 1 : 0);
        depth.getRaster().setSample(x, y, 0, left ? 2000 : 5000);
      }
      ImageIO.write(image, "png", data.resolve("images/" + i + ".png").toFile());
      ImageIO.write(mask, "png", data.resolve("masks/" + i + ".png").toFile());
      ImageIO.write(depth, "png", data.resolve("depth/" + i + ".png").toFile());
    }
    Path json = dir.resolve("dense.json");

    run(0, model(), "--data", data, "--head-steps", 40, "--scales", "1,1.5", "--json", json);

    JsonNode figures = new ObjectMapper().readTree(json.toFile());
    assertTrue(figures.required("miou").doubleValue() > 0.8, figures.toString());
    assertTrue(figures.required("miou_4_blocks").doubleValue() > 0.8, figures.toString());
    assertTrue(figures.required("miou_multi_scale").doubleValue() > 0.8, figures.toString());
    assertTrue(figures.required("depth_rmse").doubleValue() < 3, figures.toString());
    assertTrue(figures.required("depth_rmse_4_blocks").doubleValue() < 3, figures.toString());
    assertTrue(figures.has("depth_delta3_4_blocks"));
    assertFalse(figures.has("knn_top1"));
  }

  @Test
  void whatIsWrongIsSaidInOneLine() throws IOException {
    Path data = images();
    String nobody =
        run(1, "nobody", "--data", data, "--set", "registry.dir=" + dir.resolve("registry"));
    assertTrue(nobody.contains("'nobody' is no file or directory"), nobody);
    Path empty = Files.createDirectories(dir.resolve("empty"));
    Path model = model();
    assertTrue(run(1, model, "--data", empty).contains("holds no image"));
    String crop = run(1, model, "--data", data, "--crop", 30);
    assertTrue(crop.contains("--crop 28"), crop);
    String scales = run(1, model, "--data", data, "--scales", "1,9");
    assertTrue(scales.contains("must ascend from 0.25 to 4"), scales);
    assertTrue(run(1, data.resolve("red/0.png"), "--data", data).contains("0.png"));
  }
}
