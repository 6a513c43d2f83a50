package io.freshet.vision.embed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.freshet.vision.embed.EmbedderSpec.Kind;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.model.VisionTransformer;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.ScriptFiles;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageEmbeddersTest {

  private static final EmbeddingSpace SPACE = new EmbeddingSpace("tiny", 3, "cls", "l2");

  @TempDir Path dir;

  /** A picture of coloured waves; {@code phase} moves them. */
  private static RgbImage waves(int width, int height, double phase) {
    byte[] rgb = new byte[RgbImage.sizeOf(width, height)];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          double v =
              Math.sin(phase * (c + 1) + 9.0 * x / width * (1 + phase))
                  + Math.cos(7.0 * y / height - c);
          rgb[3 * (y * width + x) + c] = (byte) (127.5 + 60 * v);
        }
      }
    }
    return new RgbImage(width, height, rgb);
  }

  private static double cosine(float[] a, float[] b) {
    double dot = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
    }
    return dot;
  }

  private Path tinyModel() throws Exception {
    VisionTransformerConfig config =
        VisionTransformerConfig.of(32, 8, 32, 2, 4).withLayerScaleInit(1);
    try (TorchScriptLibrary library =
            TorchScriptLibrary.load(TorchRuntime.start(), ScriptSource.visionTransformer());
        VisionTransformer model = VisionTransformer.initialise(library, config, 2)) {
      HuggingFaceDirectory.write(dir, config, model.weights(), Preprocessing.imageNet(36, 32));
    }
    return dir;
  }

  @Test
  void bootstrapGivesUnitVectorsThatKeepCopiesTogether() {
    try (ImageEmbedder embedder = ImageEmbedders.bootstrap()) {
      assertEquals("bootstrap@1/features/l2", embedder.space().id());
      assertEquals(1792, embedder.dim());
      float[][] vectors =
          embedder.embed(List.of(waves(300, 260, 0.3), waves(240, 208, 0.3), waves(300, 260, 2)));
      assertEquals(1, cosine(vectors[0], vectors[0]), 1e-5);
      double copy = cosine(vectors[0], vectors[1]);
      double other = cosine(vectors[0], vectors[2]);
      assertTrue(copy > 0.9 && copy > other + 0.1, "copy " + copy + ", other " + other);
    }
  }

  @Test
  void aVectorDoesNotDependOnItsBatchOrThread() throws Exception {
    List<RgbImage> images = new ArrayList<>();
    for (int i = 0; i < 35; i++) {
      images.add(waves(64 + i, 80, i / 10.0));
    }
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try (ImageEmbedder embedder =
        ImageEmbedders.open(SPACE, EmbedderSpec.vit(32, 36), tinyModel())) {
      float[][] together = embedder.embed(images);
      assertEquals(35, together.length);
      List<Callable<float[]>> alone = new ArrayList<>();
      images.forEach(image -> alone.add(() -> embedder.embed(List.of(image))[0]));
      List<Future<float[]>> results = threads.invokeAll(alone);
      for (int i = 0; i < images.size(); i++) {
        assertArrayEquals(together[i], results.get(i).get(), 1e-5f, "image " + i);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aVisionTransformerEmbedsAsItsForwardPassSays() throws Exception {
    tinyModel();
    RgbImage image = waves(50, 40, 1);
    try (ImageEmbedder cls = ImageEmbedders.open(SPACE, EmbedderSpec.vit(32, 36), dir);
        ImageEmbedder both =
            ImageEmbedders.open(
                new EmbeddingSpace("tiny", 3, "cls_mean_patch", "none"),
                new EmbedderSpec(
                    Kind.VIT,
                    "model.safetensors",
                    "cls_mean_patch",
                    Preprocessing.imageNet(36, 32)),
                dir);
        TorchScriptLibrary library =
            TorchScriptLibrary.load(TorchRuntime.start(), ScriptSource.visionTransformer());
        VisionTransformer model = HuggingFaceDirectory.open(dir, library);
        NDManager owner = library.runtime().newManager()) {
      float[] pixels = Preprocessing.imageNet(36, 32).transform().apply(image);
      var features =
          model.forwardFeatures(owner, GradMode.NO_GRAD, Tensors.of(owner, pixels, 1, 3, 32, 32));
      PatchEmbedder withPatches = (PatchEmbedder) cls;
      PatchEmbedder.Embedded second =
          withPatches.embedWithPatches(List.of(waves(9, 9, 2), image)).get(1);
      assertArrayEquals(features.patchTokens().toFloatArray(), second.patches(), 1e-5f);
      assertArrayEquals(cls.embed(List.of(image))[0], second.vector(), 1e-5f);
      assertEquals(
          second.patches().length,
          withPatches.patchesPerSide() * withPatches.patchesPerSide() * withPatches.patchDim());
      assertEquals(
          SPACE.model() + "@" + SPACE.version() + "/patch/none", withPatches.patchSpace().id());
      float[] expected = features.clsToken().toFloatArray();
      float[] raw = both.embed(List.of(image))[0];
      assertEquals(64, both.dim());
      for (int i = 0; i < 32; i++) {
        assertEquals(expected[i], raw[i], 1e-5f);
      }
      assertEquals(features.patchTokens().get(":,:,5").mean().getFloat(), raw[32 + 5], 1e-5f);
      double norm = Math.sqrt(cosine(expected, expected));
      float[] unit = cls.embed(List.of(image))[0];
      for (int i = 0; i < 32; i++) {
        assertEquals(expected[i] / norm, unit[i], 1e-5);
      }
    }
  }

  @Test
  void aTorchScriptFileIsOpenedOnlyByItsOwnDoor() throws Exception {
    Path file =
        ScriptFiles.write(
            dir.resolve("mean.pt"),
            "def forward(self, x: Tensor) -> Tensor:\n  return x.mean([2, 3])\n");
    Preprocessing plain = new Preprocessing(32, 32, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
    EmbedderSpec spec = new EmbedderSpec(Kind.TORCHSCRIPT, "mean.pt", "", plain);
    EmbeddingSpace space = new EmbeddingSpace("mean", 1, "rgb", "none");
    assertThrows(EmbeddingException.class, () -> ImageEmbedders.open(space, spec, dir));
    byte[] rgb = new byte[3 * 32 * 32];
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = (byte) 255;
      rgb[i + 1] = 51;
    }
    try (ImageEmbedder embedder = ImageEmbedders.openTorchScript(space, spec, file)) {
      assertEquals(3, embedder.dim());
      float[][] vectors =
          embedder.embed(List.of(new RgbImage(32, 32, rgb), new RgbImage(32, 32, rgb)));
      assertArrayEquals(new float[] {1, 0.2f, 0}, vectors[1], 1e-6f);
    }
  }

  @Test
  void vectorsWithoutDirectionAreErrors() throws Exception {
    Preprocessing plain = new Preprocessing(32, 32, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
    EmbedderSpec spec = new EmbedderSpec(Kind.TORCHSCRIPT, "x.pt", "", plain);
    RgbImage image = waves(32, 32, 1);
    for (String factor : List.of("0.0", "torch.div(x.mean([2, 3]), 0.0)")) {
      Path file =
          ScriptFiles.write(
              dir.resolve("x" + factor.length() + ".pt"),
              "def forward(self, x: Tensor) -> Tensor:\n  return x.mean([2, 3]) * "
                  + factor
                  + "\n");
      try (ImageEmbedder embedder = ImageEmbedders.openTorchScript(SPACE, spec, file)) {
        assertThrows(EmbeddingException.class, () -> embedder.embed(List.of(image)));
      }
    }
  }

  @Test
  void unusableModelsAreRefusedWithTheReason() throws Exception {
    Files.write(dir.resolve("broken.onnx"), new byte[] {1, 2, 3});
    Files.write(dir.resolve("mobilenet.onnx"), BundledModel.MOBILENET_V2.bytes());
    Preprocessing at224 = Preprocessing.imageNet(256, 224);
    assertRefused(new EmbedderSpec(Kind.ONNX, "broken.onnx", "features", at224), "broken.onnx");
    assertRefused(new EmbedderSpec(Kind.ONNX, "../../etc/passwd", "features", at224), "outside");
    assertRefused(new EmbedderSpec(Kind.ONNX, "missing.onnx", "features", at224), "missing.onnx");
    assertRefused(new EmbedderSpec(Kind.ONNX, "mobilenet.onnx", "featurez", at224), "featurez");
    assertRefused(
        new EmbedderSpec(Kind.ONNX, "mobilenet.onnx", "features", Preprocessing.imageNet(256, 192)),
        "192");
    assertRefused(EmbedderSpec.vit(32, 36), "cannot be used");
    tinyModel();
    assertRefused(EmbedderSpec.vit(30, 36), "patch size 8");
  }

  private void assertRefused(EmbedderSpec spec, String reason) {
    EmbeddingException e =
        assertThrows(EmbeddingException.class, () -> ImageEmbedders.open(SPACE, spec, dir));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  @Test
  void aClosedEmbedderRefusesCalls() {
    ImageEmbedder embedder = ImageEmbedders.bootstrap();
    embedder.close();
    embedder.close();
    assertThrows(IllegalStateException.class, () -> embedder.embed(List.of(waves(32, 32, 1))));
  }

  @Test
  void bundledModelsHaveTheirRecordedBytes() {
    for (BundledModel model : BundledModel.values()) {
      assertTrue(model.bytes().length > 500_000, model.file());
    }
  }

  @Test
  void bootstrapCostsLittleOnOneThread() {
    try (ImageEmbedder embedder = ImageEmbedders.bootstrap()) {
      EmbeddingCost cost = EmbeddingCost.measure(embedder, 8, 512, 512);
      System.out.printf(
          "bootstrap embedder: %.1f ms of processor, %.1f ms elapsed an image, batch %d%n",
          cost.cpuMillisPerImage(), cost.wallMillisPerImage(), cost.batch());
      assertTrue(cost.cpuMillisPerImage() < 500, "cost " + cost);
    }
  }
}
