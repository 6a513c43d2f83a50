package io.freshet.sink.server;

import io.freshet.platform.registry.AliasMove;
import io.freshet.platform.registry.AliasPeriod;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.ReleaseAlteredException;
import io.freshet.sink.tally.Overview.Period;
import io.freshet.sink.tally.Overview.ReleaseLine;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The registry's releases as the console lists them, altered ones among them; an altered alias
 * points at none. Thread-safe; a manifest is read once, that of an altered release each time.
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
    Map<String, Optional<ModelVersion>> aliases = registry.aliasesIfIntact();
    List<AliasPeriod> champions = AliasPeriod.of(championMoves());
    return registry.versions().stream().map(version -> line(version, aliases, champions)).toList();
  }

  /** {@code name@version} of the champion, or null. */
  String champion() {
    return registry
        .aliasesIfIntact()
        .getOrDefault(CHAMPION, Optional.empty())
        .map(ModelVersion::toString)
        .orElse(null);
  }

  /** The aliases of which nobody knows where they point. */
  List<String> alteredAliases() {
    return registry.aliasesIfIntact().entrySet().stream()
        .filter(alias -> alias.getValue().isEmpty())
        .map(Map.Entry::getKey)
        .toList();
  }

  private List<AliasMove> championMoves() {
    try {
      return registry.aliasHistory(CHAMPION);
    } catch (ReleaseAlteredException e) {
      return List.of();
    }
  }

  private ReleaseLine line(
      ModelVersion version,
      Map<String, Optional<ModelVersion>> aliases,
      List<AliasPeriod> champions) {
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
            .filter(alias -> alias.getValue().equals(Optional.of(version)))
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
