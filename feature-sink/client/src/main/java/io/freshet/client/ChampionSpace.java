package io.freshet.client;

import io.freshet.platform.registry.ReleaseCatalog;
import io.freshet.vision.embed.EmbedderSpec;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The space that the champion writes features in, as the registry has it now. An announcement in
 * the topic is no substitute: a later one of the same model takes its place there. Thread-safe.
 */
public final class ChampionSpace implements Supplier<Optional<String>> {
  private static final String ALIAS = "champion";

  private final ReleaseCatalog catalog;

  /**
   * @param catalog is asked anew each time
   */
  public ChampionSpace(ReleaseCatalog catalog) {
    this.catalog = catalog;
  }

  /**
   * {@code model@version/head/normalisation}; empty while there is no champion.
   *
   * @throws io.freshet.platform.registry.RegistryException when the registry can't be reached, or
   *     the alias or the release was altered
   * @throws IllegalArgumentException when the release doesn't say how it embeds
   */
  @Override
  public Optional<String> get() {
    return catalog
        .resolve(ALIAS)
        .map(
            champion ->
                EmbedderSpec.fromMap(catalog.manifest(champion).embedding())
                    .space(champion.name(), champion.version())
                    .id());
  }
}
