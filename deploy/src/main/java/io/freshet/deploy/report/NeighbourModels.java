package io.freshet.deploy.report;

import io.freshet.platform.config.Config;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.trainer.run.RunConfig;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.VisionTransformer;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** The same network before its first step and as it was last released. */
record NeighbourModels(ImageEmbedder untrained, ImageEmbedder released) implements AutoCloseable {
  /** Opens both; the untrained weights are a function of the run's seed and are drawn again. */
  static NeighbourModels open(Config config, ModelRegistry registry, Manifest release) {
    EmbedderSpec spec = EmbedderSpec.fromMap(release.embedding());
    ImageEmbedder released =
        ImageEmbedders.open(
            spec.space(release.name(), release.version()), spec, registry.open(release.id()));
    return new NeighbourModels(untrained(config, spec), released);
  }

  private static ImageEmbedder untrained(Config config, EmbedderSpec spec) {
    TrainingConfig recipe = config.section("trainer.recipe", TrainingConfig.class);
    long seed = config.section("trainer.run", RunConfig.class).seed();
    try {
      Path directory = Files.createTempDirectory("freshet-untrained");
      try (TorchScriptLibrary library =
              TorchScriptLibrary.load(TorchRuntime.start(), ScriptSource.visionTransformer());
          VisionTransformer network =
              VisionTransformer.initialise(library, recipe.backbone(), seed)) {
        HuggingFaceDirectory.write(
            directory, network.config(), network.weights(), spec.preprocessing());
        return ImageEmbedders.open(spec.space("untrained", 1), spec, directory);
      } finally {
        delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't write the untrained network", e);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Override
  public void close() {
    untrained.close();
    released.close();
  }
}
