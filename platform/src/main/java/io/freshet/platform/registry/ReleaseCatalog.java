package io.freshet.platform.registry;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Releases and aliases as anyone may look at them: in a directory, in a bucket or over HTTP.
 * Thread-safe.
 */
public interface ReleaseCatalog {
  /** Every release of every model, by name and number. */
  List<ModelVersion> versions();

  /**
   * What an alias ({@code champion}) or a reference ({@code freshet@12}) means; empty when there is
   * no such thing.
   *
   * @throws ReleaseAlteredException when the alias was altered, or the release behind it is another
   *     one than it was moved to
   */
  Optional<ModelVersion> resolve(String aliasOrReference);

  /**
   * Points an alias at a release; readers see the old or the new target.
   *
   * @param reason why, and by what or whom: kept with the alias until it moves again; at most 1,000
   *     characters
   * @throws RegistryException when there is no such release or the storage refused
   */
  void moveAlias(String alias, ModelVersion target, String reason);

  /** The same without a reason. */
  default void moveAlias(String alias, ModelVersion target) {
    moveAlias(alias, target, "");
  }

  /**
   * How an alias came to point where it does, newest move first, at most 20; empty when there is no
   * such alias.
   *
   * @throws ReleaseAlteredException when the alias was altered
   */
  List<AliasMove> aliasHistory(String alias);

  /** Why an alias points where it does; empty when there is no such alias or nobody said. */
  default Optional<String> aliasReason(String alias) {
    return aliasHistory(alias).stream()
        .findFirst()
        .map(AliasMove::reason)
        .filter(reason -> !reason.isEmpty());
  }

  /**
   * Points an alias back at the release before the one it points at now, and records why. Twice in
   * a row it is where it was.
   *
   * @return where it points now
   * @throws RegistryException when it never pointed elsewhere, or no longer can
   */
  default ModelVersion rollback(String alias, String reason) {
    List<AliasMove> history = aliasHistory(alias);
    AliasMove former =
        AliasMove.former(history)
            .orElseThrow(
                () ->
                    new RegistryException(
                        "alias %.64s has no earlier release to go back to".formatted(alias)));
    String found = manifest(former.target()).sha256();
    if (!found.equals(former.manifestSha256())) {
      throw new ReleaseAlteredException(
          "alias %s pointed at %s with manifest %s, but its manifest is now %s; choose another"
              .formatted(alias, former.target(), former.manifestSha256(), found));
    }
    moveAlias(
        alias, former.target(), "back from %s: %s".formatted(history.get(0).target(), reason));
    return former.target();
  }

  /**
   * Every alias and its target.
   *
   * @throws ReleaseAlteredException when one was altered
   */
  Map<String, ModelVersion> aliases();

  /**
   * The manifest, its own digest checked.
   *
   * @throws RegistryException when there is no such release
   * @throws ReleaseAlteredException when it was altered
   */
  Manifest manifest(ModelVersion version);

  /**
   * The manifest, or empty when it was altered, which is logged once. For whoever looks at many
   * releases: one that can't be used keeps none of the others from being used.
   *
   * @throws RegistryException when there is no such release, or the registry can't be read
   */
  default Optional<Manifest> intactManifest(ModelVersion version) {
    try {
      return Optional.of(manifest(version));
    } catch (ReleaseAlteredException e) {
      AlteredReleases.found(version.toString(), e);
      return Optional.empty();
    }
  }

  /**
   * The manifests of a model's releases by number, without those that were altered.
   *
   * @throws RegistryException when the registry can't be read
   */
  default List<Manifest> intactManifests(String model) {
    return versions().stream()
        .filter(version -> version.name().equals(model))
        .sorted()
        .flatMap(version -> intactManifest(version).stream())
        .toList();
  }

  /**
   * The bytes of {@code manifest.json} as they were published, unchecked.
   *
   * @throws RegistryException when there is no such release
   */
  byte[] manifestBytes(ModelVersion version);

  /**
   * The signature of those bytes, unchecked; empty when the release was not signed.
   *
   * @throws RegistryException when there is no such release
   */
  Optional<byte[]> signature(ModelVersion version);

  /**
   * A file of a release from a position on, unchecked: whoever reads compares its digest. The
   * caller closes it.
   *
   * @param path as the manifest lists it
   * @param offset bytes to leave out, at most the file's size
   */
  InputStream read(ModelVersion version, String path, long offset) throws IOException;
}
