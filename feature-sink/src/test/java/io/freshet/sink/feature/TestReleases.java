package io.freshet.sink.feature;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.PublishOutcome;
import io.freshet.platform.registry.Release;
import io.freshet.platform.testing.PlainRelease;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.Sha256;
import io.freshet.vision.embed.BundledModel;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.VisionTransformer;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** The bundled MobileNetV2 and small vision transformers, released. */
public final class TestReleases {
  private TestReleases() {}

  static Manifest publish(ModelRegistry registry, Path parent) throws IOException {
    Path staged = Files.createTempDirectory(parent, "staged");
    EmbedderSpec spec = ImageEmbedders.bootstrapSpec();
    Files.write(staged.resolve(spec.file()), BundledModel.MOBILENET_V2.bytes());
    PublishOutcome outcome =
        registry.publish("freshet", staged, PlainRelease.mobileNet(1, spec.toMap()));
    return ((PublishOutcome.Published) outcome).manifest();
  }

  /**
   * A vision transformer of two blocks, of 4 x 4 patches of 8 elements, released.
   *
   * @param seed of its weights
   */
  public static Manifest publishVit(ModelRegistry registry, Path parent, long seed)
      throws IOException {
    Path staged = Files.createTempDirectory(parent, "staged");
    EmbedderSpec spec = EmbedderSpec.vit(32, 32);
    VisionTransformerConfig config = VisionTransformerConfig.of(32, 8, 8, 2, 2);
    try (TorchScriptLibrary library =
            TorchScriptLibrary.load(TorchRuntime.start(), ScriptSource.visionTransformer());
        VisionTransformer model = VisionTransformer.initialise(library, config, seed)) {
      HuggingFaceDirectory.write(staged, config, model.weights(), spec.preprocessing());
    }
    PublishOutcome outcome =
        registry.publish(
            "freshet",
            staged,
            new Release(
                "vit", 8, 8, 32, "run", 1, 1, List.of(), Map.of(), List.of(), spec.toMap(), "MIT"));
    return ((PublishOutcome.Published) outcome).manifest();
  }

  static ModelPublished announcement(Manifest manifest, List<String> aliases) {
    return new ModelPublished(
        manifest.name(),
        manifest.version(),
        new Sha256(HexFormat.of().parseHex(manifest.sha256())),
        "registry",
        manifest.architecture(),
        manifest.dim(),
        manifest.patch(),
        manifest.imageSize(),
        manifest.runId(),
        manifest.step(),
        manifest.imagesSeen(),
        List.of(),
        Map.of(),
        List.of(),
        aliases,
        manifest.createdAt());
  }
}
