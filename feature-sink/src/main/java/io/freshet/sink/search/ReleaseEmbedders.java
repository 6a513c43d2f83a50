package io.freshet.sink.search;

import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.RgbImage;
import java.util.List;
import java.util.NoSuchElementException;

/** Embeds with the release of a space; holds the last one open. Owned by one thread at a time. */
final class ReleaseEmbedders implements AutoCloseable {
  private final ModelRegistry registry;
  private ImageEmbedder open;

  ReleaseEmbedders(ModelRegistry registry) {
    this.registry = registry;
  }

  /**
   * The image's vector in the space.
   *
   * @throws NoSuchElementException when the registry has no release that makes it
   */
  float[] embed(EmbeddingSpace space, RgbImage image) {
    if (open == null || !open.space().equals(space)) {
      swap(space);
    }
    return open.embed(List.of(image))[0];
  }

  private void swap(EmbeddingSpace space) {
    ModelVersion version =
        registry
            .resolve(space.model() + "@" + space.version())
            .orElseThrow(
                () -> new NoSuchElementException("the registry has no release of " + space.id()));
    EmbedderSpec spec = EmbedderSpec.fromMap(registry.manifest(version).embedding());
    EmbeddingSpace made = spec.space(version.name(), version.version());
    if (!made.equals(space)) {
      throw new NoSuchElementException(
          "%s makes features of %s, not of %s".formatted(version, made.id(), space.id()));
    }
    close();
    open = ImageEmbedders.open(space, spec, registry.open(version));
  }

  @Override
  public void close() {
    if (open != null) {
      open.close();
      open = null;
    }
  }
}
