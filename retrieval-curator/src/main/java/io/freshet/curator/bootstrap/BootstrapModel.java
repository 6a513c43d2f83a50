package io.freshet.curator.bootstrap;

import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.PublishOutcome;
import io.freshet.platform.registry.Release;
import io.freshet.platform.registry.ReleaseAlteredException;
import io.freshet.vision.embed.BundledModel;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.embed.ImageEmbedders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the bundled MobileNetV2 into the registry as {@code bootstrap@1} and lets alias {@code
 * curation} start there. Both are done once and then left alone, so that a trainer or a person may
 * move the alias.
 */
public final class BootstrapModel {
  private static final Logger LOG = LoggerFactory.getLogger(BootstrapModel.class);
  private static final String CURATION = "curation";
  private static final int MOBILENET_FEATURES = 1792;
  private static final ModelVersion VERSION =
      new ModelVersion(EmbeddingSpace.BOOTSTRAP.model(), EmbeddingSpace.BOOTSTRAP.version());

  private BootstrapModel() {}

  /** Idempotent; several processes may call it at once. */
  public static void ensurePublished(ModelRegistry registry) {
    if (registry.resolve(VERSION.toString()).isEmpty()) {
      publish(registry);
    }
    if (!namesAModel(registry)) {
      registry.moveAlias(CURATION, VERSION);
    }
  }

  /** An alias that was altered stays as it is: whoever mends it knows what it named. */
  private static boolean namesAModel(ModelRegistry registry) {
    try {
      return registry.resolve(CURATION).isPresent();
    } catch (ReleaseAlteredException e) {
      LOG.error("nothing is curated until it is mended: {}", e.getMessage());
      return true;
    }
  }

  private static void publish(ModelRegistry registry) {
    try {
      Path staged = Files.createTempDirectory("freshet-bootstrap");
      Path file = staged.resolve(BundledModel.MOBILENET_V2.file());
      try {
        Files.write(file, BundledModel.MOBILENET_V2.bytes());
        PublishOutcome outcome = registry.publish(VERSION.name(), staged, release());
        if (!(outcome instanceof PublishOutcome.Published)
            && registry.resolve(VERSION.toString()).isEmpty()) {
          throw new IllegalStateException("the bundled model was not published: " + outcome);
        }
      } finally {
        Files.deleteIfExists(file);
        Files.delete(staged);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the bundled model can't be unpacked", e);
    }
  }

  private static Release release() {
    EmbedderSpec spec = ImageEmbedders.bootstrapSpec();
    return new Release(
        "mobilenet_v2",
        MOBILENET_FEATURES,
        0,
        spec.imageSize(),
        "bundled",
        0,
        0,
        List.of(),
        Map.of(),
        List.of(),
        spec.toMap(),
        "MIT");
  }
}
