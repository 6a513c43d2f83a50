package io.freshet.platform.registry;

import io.freshet.schemas.TopicOffset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small releases for tests. */
final class Releases {
  private Releases() {}

  static Release release(String runId, long step) {
    return new Release(
        "dinov2_vitt8",
        192,
        8,
        56,
        runId,
        step,
        step * 64,
        List.of(new TopicOffset("image.curated", 0, 17L), new TopicOffset("image.curated", 1, 4L)),
        Map.of("knn_top1/photos", 0.625, "knn_top1/drawings", 1e-7),
        List.of(new ModelVersion("bootstrap", 1)),
        Map.of(
            "kind",
            "vit",
            "mean",
            List.of(0.485f, 0.456f, 0.406f),
            "resize",
            64,
            "seen",
            1L << 40,
            "crop",
            Map.of("centre", true)),
        "Apache-2.0");
  }

  /** Files whose every byte says which release they belong to. */
  static Path directory(Path parent, String name, byte mark, int bytes) throws IOException {
    Path directory = Files.createDirectories(parent.resolve(name));
    byte[] content = new byte[bytes];
    new Random(mark).nextBytes(content);
    content[0] = mark;
    Files.write(directory.resolve("model.safetensors"), content);
    Files.write(directory.resolve("config.json"), new byte[] {mark, mark, mark});
    Files.createDirectories(directory.resolve("training_state"));
    Files.write(directory.resolve("training_state/heads.safetensors"), new byte[] {mark});
    return directory;
  }
}
