package io.freshet.deploy.command;

import io.freshet.platform.config.Config;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a command's settings come from; later options win. */
public final class ConfigOptions {
  @Option(
      names = "--profile",
      paramLabel = "NAME",
      description = "A built-in set of differences to the defaults, such as demo.")
  private List<String> profiles = List.of();

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "A YAML file of differences to the defaults. May be given several times.")
  private List<Path> files = List.of();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "One setting, such as http.port=8081.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description = "Keep all durable state of this machine under DIR.")
  private Path state;

  /** The directory of {@code --state}, if it was given. */
  Optional<Path> state() {
    return Optional.ofNullable(state);
  }

  /** The defaults with everything that was asked for laid over them. */
  public Config load() {
    return over(Config.defaults());
  }

  /** As {@link #load}, above another base. */
  Config over(Config base) {
    Config config = base;
    for (String profile : profiles) {
      config = config.profile(profile);
    }
    for (Path file : files) {
      config = config.with(file);
    }
    if (state != null) {
      config = StateDirectory.under(config, state);
    }
    return config.with(settings);
  }
}
