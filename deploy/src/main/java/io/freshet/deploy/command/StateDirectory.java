package io.freshet.deploy.command;

import io.freshet.platform.config.Config;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The layout of a state directory: one folder for each kind of durable state. */
final class StateDirectory {
  private static final Map<String, String> FOLDERS = new LinkedHashMap<>();

  static {
    FOLDERS.put("broker.data_dir", "kafka");
    FOLDERS.put("flink.state_dir", "flink");
    FOLDERS.put("blobs.dir", "blobs");
    FOLDERS.put("registry.dir", "registry");
    FOLDERS.put("features.files.dir", "features");
    FOLDERS.put("trainer.checkpoint.dir", "trainer/checkpoints");
    FOLDERS.put("trainer.release.staging_dir", "trainer/staging");
  }

  private StateDirectory() {}

  static Config under(Config config, Path state) {
    Config result = config;
    for (Map.Entry<String, String> folder : FOLDERS.entrySet()) {
      String path = state.toAbsolutePath().normalize().resolve(folder.getValue()).toString();
      result = result.with(folder.getKey(), path);
    }
    return result;
  }
}
