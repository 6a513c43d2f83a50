package io.freshet.dedup.embed;

import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import java.nio.file.Files;
import java.nio.file.Path;

/** The copy-detection model that {@code dedup.embedding.model} names. */
public final class CopyModel {
  private CopyModel() {}

  /**
   * Opens it; the caller closes it.
   *
   * @param configured empty for the bundled one, an {@link EmbedderFile}, or an {@link
   *     EmbedderDirectory}
   * @throws IllegalArgumentException when it is none of them
   */
  public static ImageEmbedder open(String configured) {
    if (configured.isEmpty()) {
      return ImageEmbedders.bootstrap();
    }
    Path path = Path.of(configured);
    return Files.isRegularFile(path) ? EmbedderFile.open(path) : EmbedderDirectory.open(path);
  }
}
