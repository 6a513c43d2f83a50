package io.freshet.trainer.testing;

import io.freshet.platform.config.Config;
import io.freshet.trainer.step.TrainingConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The recipes that Freshet ships, read from the files that users get. */
public final class Recipes {

  /** The profiles of the working tree. */
  public static final Path CONF = Path.of("..", "deploy", "conf");

  private Recipes() {}

  /** What the defaults say. */
  public static TrainingConfig defaults() {
    return recipe(Config.parse(read("defaults.yaml")));
  }

  /** What the demo trains. */
  public static TrainingConfig demo() {
    return profile("demo");
  }

  /** What a profile makes of the defaults. */
  public static TrainingConfig profile(String name) {
    return recipe(Config.parse(read("defaults.yaml")).with(CONF.resolve(name + ".yaml")));
  }

  private static TrainingConfig recipe(Config config) {
    return config.section("trainer.recipe", TrainingConfig.class);
  }

  private static String read(String file) {
    try {
      return Files.readString(CONF.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
