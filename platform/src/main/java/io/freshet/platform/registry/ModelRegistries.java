package io.freshet.platform.registry;

import java.time.Clock;

/** Opens the registry that a configuration names. */
public final class ModelRegistries {
  private ModelRegistries() {}

  /** Cheap: creates the directories when they are missing and reads nothing. */
  public static ModelRegistry open(RegistryConfig config) {
    return new LocalModelRegistry(config, new DiskReleaseFiles(), Clock.systemUTC());
  }
}
