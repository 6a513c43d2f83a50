package io.freshet.sink.feature;

import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.PatchEmbedder;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides whether the patches of a model are published. One owner thread. */
public final class PatchPublication {
  private static final Logger LOG = LoggerFactory.getLogger(PatchPublication.class);

  private final PatchConfig config;
  private ImageEmbedder decided;
  private Optional<PatchEmbedder> withPatches = Optional.empty();

  public PatchPublication(PatchConfig config) {
    this.config = config;
  }

  /**
   * The same embedder if its patches are published; empty if nobody wants them, if it gives none or
   * if they are too many. Why what is wanted is not published is logged once an embedder.
   */
  public Optional<PatchEmbedder> of(ImageEmbedder embedder) {
    if (embedder != decided) {
      decided = embedder;
      withPatches = decide(embedder);
    }
    return withPatches;
  }

  private Optional<PatchEmbedder> decide(ImageEmbedder embedder) {
    if (!config.areWantedOf(embedder.space().model())) {
      return Optional.empty();
    }
    if (!(embedder instanceof PatchEmbedder patches)) {
      LOG.warn("{} gives no patches; only its features are published", embedder.space());
      return Optional.empty();
    }
    long bytes = bytes(patches);
    if (bytes > config.maxSize().bytes()) {
      LOG.warn(
          "no patches of {} are published: {} bytes an image, features.patches.max_size is {}",
          embedder.space(),
          bytes,
          config.maxSize());
      return Optional.empty();
    }
    return Optional.of(patches);
  }

  private static long bytes(PatchEmbedder embedder) {
    long patches = (long) embedder.patchesPerSide() * embedder.patchesPerSide();
    return patches * embedder.patchDim() * Short.BYTES;
  }
}
