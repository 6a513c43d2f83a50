package io.freshet.platform.registry;

import io.freshet.platform.registry.RegistryStorage.Withdrawal;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes releases and leftovers. A release is withdrawn from every reader's sight first, so that
 * readers find it whole or not at all. A crash on the way leaves a leftover.
 *
 * <p>Guarantee: no release goes that an alias points at or would go back to, also when the alias
 * moves meanwhile: the collector looks at the aliases again after the withdrawal and takes it back,
 * and whoever moves an alias looks for the release again after the move.
 */
final class GarbageCollection {
  private static final Logger LOG = LoggerFactory.getLogger(GarbageCollection.class);

  private final RegistryStorage storage;
  private final Supplier<List<Alias>> aliases;

  /**
   * @param aliases reads all of them anew; throws when one was altered, for then nobody knows what
   *     it needs
   */
  GarbageCollection(RegistryStorage storage, Supplier<List<Alias>> aliases) {
    this.storage = storage;
    this.aliases = aliases;
  }

  Garbage find(RetentionPolicy policy, Instant now) {
    Set<ModelVersion> named = named();
    Map<ModelVersion, Long> releases = new LinkedHashMap<>();
    for (String model : storage.models()) {
      for (ModelVersion version : policy.expired(published(model), named, now)) {
        releases.put(version, storage.bytes(version));
      }
    }
    return new Garbage(releases, storage.leftovers(now.minus(policy.leftoversFor())));
  }

  /** What was found, less what an alias came to need meanwhile. */
  Garbage remove(RetentionPolicy policy, Instant now) {
    Garbage garbage = find(policy, now);
    Map<ModelVersion, Long> removed = new LinkedHashMap<>();
    garbage
        .releases()
        .forEach(
            (version, bytes) -> {
              if (remove(version)) {
                removed.put(version, bytes);
              }
            });
    garbage.leftovers().keySet().forEach(storage::deleteLeftover);
    return new Garbage(removed, garbage.leftovers());
  }

  private boolean remove(ModelVersion version) {
    String place = storage.manifestPlace(version);
    try {
      Optional<Withdrawal> withdrawn = storage.withdraw(version);
      if (withdrawn.isEmpty()) {
        return false;
      }
      place = withdrawn.get().place();
      if (isNamed(version, withdrawn.get())) {
        withdrawn.get().restore();
        return false;
      }
      withdrawn.get().delete();
      return true;
    } catch (IOException e) {
      throw new RegistryException(
          "%s may still be there, or is out of sight (%s): %s; start the garbage collection again when the cause is gone"
              .formatted(version, place, e),
          e);
    }
  }

  /** A release comes back when nobody can say whether it is needed. */
  private boolean isNamed(ModelVersion version, Withdrawal withdrawn) throws IOException {
    try {
      return named().contains(version);
    } catch (RegistryException e) {
      withdrawn.restore();
      throw e;
    }
  }

  /** The releases that aliases point at, and those that a rollback would take them to. */
  private Set<ModelVersion> named() {
    Set<ModelVersion> named = new HashSet<>();
    for (Alias alias : aliases.get()) {
      named.add(alias.current().target());
      AliasMove.former(alias.moves()).map(AliasMove::target).ifPresent(named::add);
    }
    return named;
  }

  /** Without altered ones, which stay as evidence. */
  private SortedMap<ModelVersion, Instant> published(String model) {
    SortedMap<ModelVersion, Instant> published = new TreeMap<>();
    for (ModelVersion version : storage.versions(model)) {
      try {
        storage
            .manifest(version)
            .map(bytes -> ManifestJson.read(version, bytes).createdAt())
            .ifPresent(at -> published.put(version, at));
      } catch (IllegalArgumentException e) {
        LOG.warn("{} was altered and is left where it is: {}", version, e.getMessage());
      }
    }
    return published;
  }
}
