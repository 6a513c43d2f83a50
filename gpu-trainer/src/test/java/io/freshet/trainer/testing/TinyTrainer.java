package io.freshet.trainer.testing;

import io.freshet.platform.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The settings of a trainer whose model is so small that a step takes milliseconds. */
public final class TinyTrainer {
  private static final Path DEFAULTS = Path.of("..", "deploy", "conf", "defaults.yaml");

  private TinyTrainer() {}

  /**
   * @param prefix of the topics
   * @param state directory of the blobs and the registry
   * @param more settings, which win
   */
  public static Config config(
      String bootstrapServers, String prefix, Path state, Map<String, String> more)
      throws IOException {
    Map<String, String> settings = new HashMap<>();
    settings.put("kafka.bootstrap_servers", bootstrapServers);
    settings.put("kafka.topic_prefix", prefix);
    settings.put("kafka.partitions", "2");
    settings.put("blobs.dir", state.resolve("blobs").toString());
    settings.put("registry.dir", state.resolve("registry").toString());
    settings.put("trainer.recipe.batch_images", "4");
    settings.put("trainer.recipe.model.embed_dim", "48");
    settings.put("trainer.recipe.model.depth", "2");
    settings.put("trainer.recipe.model.heads", "3");
    settings.put("trainer.recipe.crops.global_size", "64");
    settings.put("trainer.recipe.crops.local_size", "32");
    settings.put("trainer.recipe.crops.local_count", "2");
    for (String head : new String[] {"dino", "ibot"}) {
      String key = "trainer.recipe.losses." + head + ".head.";
      settings.put(key + "prototypes", "64");
      settings.put(key + "hidden_dim", "32");
      settings.put(key + "bottleneck_dim", "16");
    }
    settings.put("trainer.replay.min_images", "12");
    settings.put("trainer.evaluation.resize", "64");
    settings.put("trainer.evaluation.crop", "64");
    settings.put("trainer.run.torch_threads", "1");
    settings.putAll(more);
    return Config.parse(Files.readString(DEFAULTS)).with(settings);
  }
}
