package io.freshet.deploy.command;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.ReleaseDirectory;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbedderSpec.Kind;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens the embedder of a release that a user named. */
final class ReleaseEmbedders {
  private ReleaseEmbedders() {}

  /**
   * @param model a release, an alias, or the directory of a release
   * @param onnx whether ONNX Runtime computes, whatever the release says
   * @throws IllegalArgumentException when there is no such release
   */
  static ImageEmbedder open(ConfigOptions options, String model, boolean onnx) {
    Path dir = Path.of(model);
    if (Files.isDirectory(dir)) {
      return open(ReleaseDirectory.verify(dir), dir, onnx);
    }
    ModelRegistry registry =
        ModelRegistries.open(options.load().section("registry", RegistryConfig.class));
    ModelVersion version = RegistryOptions.resolve(registry, model);
    return open(registry.manifest(version), registry.open(version), onnx);
  }

  /** The space is that of the release whichever runtime computes. */
  private static ImageEmbedder open(Manifest manifest, Path dir, boolean onnx) {
    EmbedderSpec spec = EmbedderSpec.fromMap(manifest.embedding());
    EmbeddingSpace space = spec.space(manifest.name(), manifest.version());
    if (onnx && spec.kind() == Kind.VIT) {
      if (!spec.output().equals("cls")) {
        throw new IllegalArgumentException(
            "--onnx gives the class token, but features of %s are %s"
                .formatted(manifest.id(), spec.output()));
      }
      spec = new EmbedderSpec(Kind.ONNX, "onnx/model.onnx", "pooler_output", spec.preprocessing());
    }
    return ImageEmbedders.open(space, spec, dir);
  }
}
