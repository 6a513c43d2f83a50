package io.freshet.dedup.embed;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A copy-detection embedder of the user's: a directory with the model file and {@code
 * embedder.json}, which says how to use it:
 *
 * <pre>
 * {"space": "sscd@1/embedding/l2",
 *  "embedder": {"kind": "torchscript", "file": "sscd.pt", "output": "", "image_size": 288,
 *               "resize": 288, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}
 * </pre>
 */
public final class EmbedderDirectory {
  public static final String FILE = "embedder.json";

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private EmbedderDirectory() {}

  /**
   * Opens the embedder; the caller closes it.
   *
   * @throws IllegalArgumentException when the description is missing, incomplete or asks for
   *     vectors that are not of unit length
   */
  public static ImageEmbedder open(Path directory) {
    Path file = directory.resolve(FILE);
    try {
      return open(JSON.readValue(file.toFile(), new TypeReference<>() {}), directory);
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s doesn't describe an embedder: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static ImageEmbedder open(Map<String, Object> json, Path directory) {
    if (json.size() != 2
        || !(json.get("space") instanceof String id)
        || !(json.get("embedder") instanceof Map<?, ?> described)) {
      throw new IllegalArgumentException(
          "it must have space (text) and embedder, and nothing else, not " + json.keySet());
    }
    EmbeddingSpace space = EmbeddingSpace.parse(id);
    if (!space.isL2()) {
      throw new IllegalArgumentException(
          "space is %s, must end in /l2: copies are told by cosine".formatted(id));
    }
    EmbedderSpec spec =
        EmbedderSpec.fromMap(JSON.convertValue(described, new TypeReference<>() {}));
    return spec.kind() == EmbedderSpec.Kind.TORCHSCRIPT
        ? ImageEmbedders.openTorchScript(space, spec, directory.resolve(spec.file()))
        : ImageEmbedders.open(space, spec, directory);
  }
}
