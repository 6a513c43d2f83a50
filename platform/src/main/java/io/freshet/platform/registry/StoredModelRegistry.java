package io.freshet.platform.registry;

import io.freshet.platform.registry.RegistryStorage.StoredAlias;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code docs/registry-format.md} makes of the bytes in a storage: whether they are what was
 * published, whose releases are used, which go. Thread-safe.
 */
final class StoredModelRegistry implements ModelRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(StoredModelRegistry.class);
  private static final int MAX_MOVE_ATTEMPTS = 100;

  private final RegistryStorage storage;
  private final RetentionPolicy retention;
  private final SigningConfig signing;
  private final TrustedKeys trusted;
  private final Clock clock;

  /**
   * @param config whose keys and retention hold
   */
  StoredModelRegistry(RegistryConfig config, RegistryStorage storage, Clock clock) {
    this.storage = storage;
    this.retention = config.retention();
    this.signing = config.signing();
    this.trusted = TrustedKeys.of(config.signing().trustedKeyFiles());
    this.clock = clock;
  }

  @Override
  public void requireSafeWrites() {
    storage.requireSafeWrites();
  }

  @Override
  public PublishOutcome publish(String model, Path stagedDir, Release release) {
    Publication publication = new Publication(storage, signing.signer(), clock, model, release);
    storage.requireSafeWrites();
    return publication.publish(stagedDir);
  }

  @Override
  public List<ModelVersion> versions() {
    return storage.models().stream().flatMap(m -> storage.versions(m).stream()).toList();
  }

  @Override
  public Optional<ModelVersion> resolve(String aliasOrReference) {
    Optional<ModelVersion> reference = ModelVersion.parse(aliasOrReference);
    if (reference.isPresent()) {
      return reference.filter(storage::exists);
    }
    return Ids.isId(aliasOrReference)
        ? alias(aliasOrReference).map(this::requirePinned)
        : Optional.empty();
  }

  private Optional<Alias> alias(String name) {
    return storage.alias(name).map(stored -> alias(name, stored));
  }

  private static Alias alias(String name, StoredAlias stored) {
    try {
      Alias alias = Alias.read(stored.content());
      if (!alias.name().equals(name)) {
        throw new IllegalArgumentException("it belongs to the alias " + alias.name());
      }
      return alias;
    } catch (IllegalArgumentException e) {
      throw new ReleaseAlteredException(
          "alias file %s was altered: %s; move the alias again"
              .formatted(stored.place(), e.getMessage()),
          e);
    }
  }

  private ModelVersion requirePinned(Alias alias) {
    AliasMove move = alias.current();
    String found = manifest(move.target()).sha256();
    if (!found.equals(move.manifestSha256())) {
      throw new ReleaseAlteredException(
          "alias %s was moved to %s with manifest %s, but its manifest is now %s; move it again"
              .formatted(alias.name(), move.target(), move.manifestSha256(), found));
    }
    return move.target();
  }

  @Override
  public void moveAlias(String alias, ModelVersion target, String reason) {
    Ids.require("an alias", alias);
    AliasMove move =
        new AliasMove(
            target,
            manifest(target).sha256(),
            clock.instant().truncatedTo(ChronoUnit.MILLIS),
            reason);
    storage.requireSafeWrites();
    try {
      move(alias, move);
    } catch (IOException e) {
      throw new RegistryException(
          "alias %s may still point elsewhere than at %s: %s; move it again"
              .formatted(alias, target, e),
          e);
    }
    if (!storage.exists(target)) {
      throw new RegistryException(
          "%s was removed while alias %s moved to it; move it elsewhere".formatted(target, alias));
    }
  }

  /** The last mover wins, and where the storage can tell what it replaces, no move is forgotten. */
  private void move(String name, AliasMove move) throws IOException {
    for (int attempt = 1; attempt <= MAX_MOVE_ATTEMPTS; attempt++) {
      Optional<StoredAlias> seen = storage.alias(name);
      Optional<Alias> known = seen.flatMap(stored -> known(name, stored));
      if (attempt > 1 && known.filter(alias -> alias.moves().contains(move)).isPresent()) {
        // It took place, its answer was lost, and someone moved the alias on.
        return;
      }
      Alias moved = known.map(alias -> alias.moved(move)).orElse(Alias.of(name, move));
      if (storage.moveAlias(name, seen, moved.toJson())) {
        return;
      }
    }
    throw new IOException(
        "others moved it each of %d times in between".formatted(MAX_MOVE_ATTEMPTS));
  }

  /** Moving an altered alias repairs it; its history is lost. */
  private static Optional<Alias> known(String name, StoredAlias stored) {
    try {
      return Optional.of(alias(name, stored));
    } catch (ReleaseAlteredException e) {
      LOG.warn("{}; its history begins anew", e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public List<AliasMove> aliasHistory(String alias) {
    return Ids.isId(alias) ? alias(alias).map(Alias::moves).orElse(List.of()) : List.of();
  }

  @Override
  public Map<String, ModelVersion> aliases() {
    Map<String, ModelVersion> aliases = new TreeMap<>();
    for (String name : storage.aliases()) {
      alias(name).ifPresent(alias -> aliases.put(name, alias.current().target()));
    }
    return aliases;
  }

  @Override
  public Map<String, Optional<ModelVersion>> aliasesIfIntact() {
    Map<String, Optional<ModelVersion>> aliases = new TreeMap<>();
    for (String name : storage.aliases()) {
      try {
        alias(name).ifPresent(alias -> aliases.put(name, Optional.of(alias.current().target())));
      } catch (ReleaseAlteredException e) {
        AlteredReleases.found("alias " + name, e);
        aliases.put(name, Optional.empty());
      }
    }
    return aliases;
  }

  @Override
  public Manifest manifest(ModelVersion version) {
    return manifest(version, manifestBytes(version));
  }

  private Manifest manifest(ModelVersion version, byte[] bytes) {
    try {
      return ManifestJson.read(version, bytes);
    } catch (IllegalArgumentException e) {
      throw new ReleaseAlteredException(
          "%s was altered: %s; use another version or restore this one"
              .formatted(storage.manifestPlace(version), e.getMessage()),
          e);
    }
  }

  @Override
  public byte[] manifestBytes(ModelVersion version) {
    return storage
        .manifest(version)
        .orElseThrow(() -> new RegistryException("%s is not published".formatted(version)));
  }

  @Override
  public Optional<byte[]> signature(ModelVersion version) {
    if (!storage.exists(version)) {
      throw new RegistryException("%s is not published".formatted(version));
    }
    return storage.signature(version);
  }

  @Override
  public InputStream read(ModelVersion version, String path, long offset) throws IOException {
    return storage.read(version, Ids.requireFile(path), offset);
  }

  @Override
  public Garbage garbage(RetentionPolicy policy) {
    return collection().find(policy, clock.instant());
  }

  @Override
  public Garbage removeGarbage(RetentionPolicy policy) {
    storage.requireSafeWrites();
    return collection().remove(policy, clock.instant());
  }

  @Override
  public void tidy() {
    if (retention.automatic()) {
      Garbage removed = removeGarbage(retention);
      LOG.info(
          "removed {} and {} leftovers, {} bytes",
          removed.releases().keySet(),
          removed.leftovers().size(),
          removed.bytes());
    }
  }

  private GarbageCollection collection() {
    return new GarbageCollection(
        storage, () -> storage.aliases().stream().flatMap(name -> alias(name).stream()).toList());
  }

  @Override
  public Path open(ModelVersion version) {
    byte[] bytes = manifestBytes(version);
    Manifest manifest = manifest(version, bytes);
    Optional<byte[]> signature = signature(version);
    trusted.require(version, bytes, signature);
    return storage.open(manifest, bytes, signature);
  }
}
