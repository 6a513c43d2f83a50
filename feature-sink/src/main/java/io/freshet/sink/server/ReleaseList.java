package io.freshet.sink.server;

import io.freshet.platform.registry.AliasPeriod;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.sink.tally.Overview.Period;
import io.freshet.sink.tally.Overview.ReleaseLine;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The registry's releases as the console lists them, altered ones among them. Thread-safe; a
 * manifest is read once, that of an altered release each time.
 */
final class ReleaseList {
  private static final String CHAMPION = "champion";

  private final ModelRegistry registry;
  private final Map<ModelVersion, Manifest> manifests = new ConcurrentHashMap<>();

  ReleaseList(ModelRegistry registry) {
    this.registry = registry;
  }

  /**
   * Every release by name and number, with the aliases that point at it now and the times in which
   * it was champion.
   */
  List<ReleaseLine> all() {
    Map<String, ModelVersion> aliases = registry.aliases();
    List<AliasPeriod> champions = AliasPeriod.of(registry.aliasHistory(CHAMPION));
    return registry.versions().stream().map(version -> line(version, aliases, champions)).toList();
  }

  /** {@code name@version} of the champion, or null. */
  String champion() {
    ModelVersion champion = registry.aliases().get(CHAMPION);
    return champion == null ? null : champion.toString();
  }

  private ReleaseLine line(
      ModelVersion version, Map<String, ModelVersion> aliases, List<AliasPeriod> champions) {
    Optional<Manifest> manifest =
        Optional.ofNullable(
            manifests.computeIfAbsent(version, id -> registry.intactManifest(id).orElse(null)));
    return new ReleaseLine(
        version.name(),
        version.version(),
        manifest.map(Manifest::step).orElse(0L),
        manifest.map(Manifest::imagesSeen).orElse(0L),
        manifest.map(Manifest::metrics).orElse(Map.of()),
        manifest.map(Manifest::createdAt).map(Instant::toString).orElse(null),
        manifest.isEmpty(),
        aliases.entrySet().stream()
            .filter(alias -> alias.getValue().equals(version))
            .map(Map.Entry::getKey)
            .sorted()
            .toList(),
        champions.stream()
            .filter(champion -> champion.target().equals(version))
            .map(ReleaseList::period)
            .toList());
  }

  private static Period period(AliasPeriod champion) {
    return new Period(
        champion.from().toString(), champion.until().map(Instant::toString).orElse(null));
  }
}
