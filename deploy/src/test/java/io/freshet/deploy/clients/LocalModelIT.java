package io.freshet.deploy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.client.LocalModel;
import io.freshet.vision.image.ImageRejectedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client library embeds with a release's ONNX form as {@code freshet embed} with libtorch. */
class LocalModelIT {
  private static final double MIN_COSINE = 0.9999;

  @TempDir private Path temp;

  @ParameterizedTest
  @ValueSource(ints = {0, 4})
  void givesTheVectorsOfEmbed(int registers) throws IOException, ImageRejectedException {
    List<String> images = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      images.add(TinyRelease.noise(temp, i).toString());
      images.add(TinyRelease.jpeg(temp, i).toString());
    }
    Path cache = temp.resolve("cache");
    try (LocalModel model =
        LocalModel.pull(TinyRelease.published(temp, registers), "tiny@1", cache)) {
      Map<String, JsonNode> expected =
          EmbeddedVectors.lines(EmbeddedVectors.embed(cache.resolve("tiny@1"), images));
      for (String image : images) {
        assertEquals(expected.get(image).get("space").asText(), model.space());
        JsonNode vector =
            new ObjectMapper().valueToTree(model.embed(Files.readAllBytes(Path.of(image))));
        double cosine = EmbeddedVectors.cosine(expected.get(image).get("vector"), vector);
        assertTrue(cosine >= MIN_COSINE, image + ": cosine " + cosine);
      }
      double apart =
          EmbeddedVectors.cosine(
              expected.get(images.get(1)).get("vector"), expected.get(images.get(3)).get("vector"));
      assertTrue(apart < MIN_COSINE, "the photographs can't be told apart: cosine " + apart);
    }
  }
}
