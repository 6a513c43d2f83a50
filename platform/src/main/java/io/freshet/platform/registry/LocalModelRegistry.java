package io.freshet.platform.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A registry in one local directory, see {@code docs/registry-format.md}. Thread-safe. */
final class LocalModelRegistry implements ModelRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(LocalModelRegistry.class);
  private static final int MAX_ALIAS_BYTES = 256 << 10;

  private final Layout layout;
  private final ReleaseFiles files;
  private final RetentionPolicy retention;
  private final SigningConfig signing;
  private final TrustedKeys trusted;
  private final Clock clock;
  private final Verification verification = new Verification();

  LocalModelRegistry(RegistryConfig config, ReleaseFiles files, Clock clock) {
    this.layout = new Layout(config.dir().toAbsolutePath().normalize());
    this.files = files;
    this.retention = config.retention();
    this.signing = config.signing();
    this.trusted = TrustedKeys.of(config.signing().trustedKeyFiles());
    this.clock = clock;
    try {
      files.createDirectories(layout.staging());
      files.createDirectories(layout.models());
      files.createDirectories(layout.aliases());
    } catch (IOException e) {
      throw new RegistryException(
          "registry.dir %s can't be created: %s; fix its permissions or name another"
              .formatted(config.dir(), e),
          e);
    }
  }

  @Override
  public PublishOutcome publish(String model, Path stagedDir, Release release) {
    return new Publication(layout, signing.signer(), files, clock, model, release)
        .publish(stagedDir);
  }

  @Override
  public List<ModelVersion> versions() {
    return layout.listModels().stream().flatMap(m -> layout.listVersions(m).stream()).toList();
  }

  @Override
  public Optional<ModelVersion> resolve(String aliasOrReference) {
    Optional<ModelVersion> reference = ModelVersion.parse(aliasOrReference);
    if (reference.isPresent()) {
      return reference.filter(layout::exists);
    }
    return Ids.isId(aliasOrReference)
        ? alias(aliasOrReference).map(this::requirePinned)
        : Optional.empty();
  }

  private Optional<Alias> alias(String name) {
    Path file = layout.alias(name);
    return Layout.read(file, MAX_ALIAS_BYTES).map(bytes -> alias(name, file, bytes));
  }

  private static Alias alias(String name, Path file, byte[] bytes) {
    try {
      Alias alias = Alias.read(bytes);
      if (!alias.name().equals(name)) {
        throw new IllegalArgumentException("it belongs to the alias " + alias.name());
      }
      return alias;
    } catch (IllegalArgumentException e) {
      throw new ReleaseAlteredException(
          "alias file %s was altered: %s; move the alias again".formatted(file, e.getMessage()), e);
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
    Path file = layout.alias(alias);
    AliasMove move =
        new AliasMove(
            target,
            manifest(target).sha256(),
            clock.instant().truncatedTo(ChronoUnit.MILLIS),
            reason);
    Alias moved = known(alias).map(known -> known.moved(move)).orElse(Alias.of(alias, move));
    Path aside = layout.staging().resolve(UUID.randomUUID() + ".json");
    try {
      files.write(aside, moved.toJson());
      files.rename(aside, file);
      files.syncDirectory(layout.aliases());
    } catch (IOException e) {
      StagedCopies.delete(aside);
      throw new RegistryException(
          "alias %s may still point elsewhere than at %s: %s; move it again"
              .formatted(alias, target, e),
          e);
    }
    if (!layout.exists(target)) {
      throw new RegistryException(
          "%s was removed while alias %s moved to it; move it elsewhere".formatted(target, alias));
    }
  }

  /** Moving an altered alias repairs it; its history is lost. */
  private Optional<Alias> known(String name) {
    try {
      return alias(name);
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
    for (String name : layout.listAliases()) {
      alias(name).ifPresent(alias -> aliases.put(name, alias.current().target()));
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
              .formatted(layout.manifest(version), e.getMessage()),
          e);
    }
  }

  @Override
  public byte[] manifestBytes(ModelVersion version) {
    return Layout.read(layout.manifest(version), Manifest.MAX_BYTES)
        .orElseThrow(() -> new RegistryException("%s is not published".formatted(version)));
  }

  @Override
  public Optional<byte[]> signature(ModelVersion version) {
    if (!layout.exists(version)) {
      throw new RegistryException("%s is not published".formatted(version));
    }
    return Layout.read(layout.signature(version), TrustedKeys.SIGNATURE_BYTES);
  }

  @Override
  public InputStream read(ModelVersion version, String path, long offset) throws IOException {
    InputStream in =
        Files.newInputStream(
            layout.release(version).resolve(Ids.requireFile(path)), LinkOption.NOFOLLOW_LINKS);
    try {
      in.skipNBytes(offset);
      return in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  @Override
  public Garbage garbage(RetentionPolicy policy) {
    return collection().find(policy, clock.instant());
  }

  @Override
  public Garbage removeGarbage(RetentionPolicy policy) {
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
        layout,
        files,
        () -> layout.listAliases().stream().flatMap(name -> alias(name).stream()).toList());
  }

  @Override
  public Path open(ModelVersion version) {
    byte[] bytes = manifestBytes(version);
    Manifest manifest = manifest(version, bytes);
    trusted.require(version, bytes, signature(version));
    Path release = layout.release(version);
    verification.verify(release, manifest);
    return release;
  }
}
