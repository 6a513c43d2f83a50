package io.freshet.dedup.embed;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbedderDirectoryTest {
  private static final String EMBEDDER =
      """
      "embedder": {"kind": "onnx", "file": "m.onnx", "output": "features", "image_size": 224,
                   "resize": 224, "mean": [0, 0, 0], "std": [1, 1, 1]}}
      """;

  @TempDir Path directory;

  @Test
  void namesTheFileThatIsMissing() {
    assertTrue(refusal().contains(EmbedderDirectory.FILE), refusal());
  }

  @Test
  void refusesVectorsThatAreNotOfUnitLength() throws IOException {
    describe("{\"space\": \"m@1/features/none\", " + EMBEDDER);
    assertTrue(refusal().contains("must end in /l2"), refusal());
  }

  @Test
  void refusesUnknownKeys() throws IOException {
    describe("{\"space\": \"m@1/features/l2\", \"head\": 1, " + EMBEDDER);
    assertTrue(refusal().contains("head"), refusal());
  }

  @Test
  void refusesASpaceThatIsNone() throws IOException {
    describe("{\"space\": \"sscd\", " + EMBEDDER);
    assertTrue(refusal().contains("sscd"), refusal());
  }

  private void describe(String json) throws IOException {
    Files.writeString(directory.resolve(EmbedderDirectory.FILE), json);
  }

  private String refusal() {
    return assertThrows(IllegalArgumentException.class, () -> EmbedderDirectory.open(directory))
        .getMessage();
  }
}
