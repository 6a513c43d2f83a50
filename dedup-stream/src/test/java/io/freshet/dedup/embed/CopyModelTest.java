package io.freshet.dedup.embed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.vision.embed.BundledModel;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.torch.ScriptFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyModelTest {
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] STD = {0.229f, 0.224f, 0.225f};

  @TempDir Path directory;

  @Test
  void aFileSeesImagesAsSscdDoes() throws IOException {
    Path file =
        ScriptFiles.write(
            directory.resolve("sscd.pt"),
            """
            def forward(self, x: Tensor) -> Tensor:
              side = torch.full_like(x[:, 0, 0, :1], float(x.shape[2] * 1000 + x.shape[3]))
              return torch.cat([x.mean([2, 3]), side], 1)
            """);
    byte[] rgb = new byte[3 * 400 * 300];
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = (byte) 255;
      rgb[i + 1] = 51;
    }
    float[] expected = {
      (1 - MEAN[0]) / STD[0], (0.2f - MEAN[1]) / STD[1], (0 - MEAN[2]) / STD[2], 288_288
    };
    double squares = 0;
    for (float each : expected) {
      squares += (double) each * each;
    }
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (float) (expected[i] / Math.sqrt(squares));
    }
    try (ImageEmbedder embedder = CopyModel.open(file.toString())) {
      assertArrayEquals(expected, embedder.embed(List.of(new RgbImage(400, 300, rgb)))[0], 1e-7f);
      assertTrue(
          embedder.space().id().matches("file-[0-9a-f]{16}@1/embedding/l2"), embedder.space().id());
    }
  }

  @Test
  void theSpaceIsThatOfTheBytesNotOfTheName() throws IOException {
    String script = "def forward(self, x: Tensor) -> Tensor:\n  return x.mean([2, 3])%s\n";
    Path file = ScriptFiles.write(directory.resolve("a.pt"), script.formatted(""));
    Path copy = Files.copy(file, directory.resolve("b.PT"));
    Path other = ScriptFiles.write(directory.resolve("c.pt"), script.formatted(" * 2.0"));
    assertEquals(spaceOf(file), spaceOf(copy));
    assertTrue(!spaceOf(file).equals(spaceOf(other)));
  }

  @Test
  void anOnnxFileOfAnotherSizeIsRefusedWithTheRemedy() throws IOException {
    Path file = Files.write(directory.resolve("m.onnx"), BundledModel.MOBILENET_V2.bytes());
    String refusal = refusal(file);
    assertTrue(refusal.contains("m.onnx") && refusal.contains("embedder.json"), refusal);
  }

  @Test
  void refusesFilesThatAreNoModels() throws IOException {
    assertTrue(refusal(Files.writeString(directory.resolve("m.txt"), "m")).contains(".onnx"));
    assertTrue(refusal(Files.writeString(directory.resolve("m.pt"), "m")).contains("m.pt"));
    assertTrue(refusal(directory.resolve("none.pt")).contains("none.pt"));
  }

  @Test
  void nothingIsTheBundledModel() {
    try (ImageEmbedder embedder = CopyModel.open("")) {
      assertEquals("bootstrap@1/features/l2", embedder.space().id());
    }
  }

  private static String spaceOf(Path file) {
    try (ImageEmbedder embedder = CopyModel.open(file.toString())) {
      return embedder.space().id();
    }
  }

  private static String refusal(Path file) {
    return assertThrows(IllegalArgumentException.class, () -> CopyModel.open(file.toString()))
        .getMessage();
  }
}
