package io.freshet.deploy.bench;

import io.freshet.platform.config.Config;

/** The photographs' recipe in a model so small that a step takes milliseconds. */
final class TinyPhotoRecipe {
  static final int BATCH = 4;

  private static final String YAML =
      """
      trainer:
        recipe:
          batch_images: 4
          model: {embed_dim: 32, depth: 1, heads: 2}
          losses:
            dino:
              head: {prototypes: 16, hidden_dim: 32, bottleneck_dim: 16}
            ibot:
              head: {prototypes: 16, hidden_dim: 32, bottleneck_dim: 16}
          schedule: {steps: 6, learning_rate_warmup_steps: 1, learning_rate: 0.01, momentum: 0.5}
      """;

  private TinyPhotoRecipe() {}

  static Config config() {
    return shrunk(Config.defaults().profile("quality-photos"));
  }

  /** {@code config} with the small recipe over its own. */
  static Config shrunk(Config config) {
    return config.withYaml("tiny", YAML);
  }
}
