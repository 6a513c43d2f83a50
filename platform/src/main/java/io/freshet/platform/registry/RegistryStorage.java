package io.freshet.platform.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the bytes of a registry lie, and the few steps that are atomic there. What they mean, and
 * whether they are what was published, is {@link StoredModelRegistry}'s to say.
 *
 * <p>Reading methods throw {@link RegistryException} when the storage fails. Thread-safe; any
 * number of processes may use one storage at once.
 */
interface RegistryStorage {
  /**
   * Makes sure that what is atomic here is so, before anything is written: asks the storage once.
   *
   * @throws RegistryException when it can't be relied on, or not be reached
   */
  void requireSafeWrites();

  /** Names of models, also of ones without a release; what isn't one is overlooked. */
  List<String> models();

  /** Complete releases of a model in the order of their numbers. */
  List<ModelVersion> versions(String model);

  /** The highest number that a model's releases were given, as far as can be seen; 0: none. */
  int lastNumber(String model);

  boolean exists(ModelVersion version);

  /** For messages: where the manifest of a release lies. */
  String manifestPlace(ModelVersion version);

  /** {@code manifest.json}; empty when there is no such release. */
  Optional<byte[]> manifest(ModelVersion version);

  /** {@code manifest.sig}; empty when the release was not signed. */
  Optional<byte[]> signature(ModelVersion version);

  /** A file of a release from a position on; the caller closes it. */
  InputStream read(ModelVersion version, String path, long offset) throws IOException;

  /**
   * A local directory that is exactly what the manifest lists.
   *
   * @param signature what lies beside the manifest, which the caller has checked
   * @throws ReleaseAlteredException when the storage holds something else
   */
  Path open(Manifest manifest, byte[] bytes, Optional<byte[]> signature);

  List<String> aliases();

  /** An alias as it lies there; empty when there is none. */
  Optional<StoredAlias> alias(String name);

  /**
   * Puts an alias in the place of the one that was read, atomically and durably.
   *
   * @param seen what was read; empty: there was none
   * @return false when it is no longer what was read, where the storage can tell; nothing changed
   * @throws IOException when it failed; the alias may be either
   */
  boolean moveAlias(String name, Optional<StoredAlias> seen, byte[] content) throws IOException;

  /**
   * Begins a copy that no reader sees.
   *
   * @param publication unique
   */
  StagedRelease stage(String model, String publication) throws IOException;

  /** Bytes that a release takes, 0 when it vanishes meanwhile. */
  long bytes(ModelVersion version);

  /**
   * Takes a release out of every reader's sight, its number stays given.
   *
   * @return empty when someone else did
   * @throws IOException when it failed; the release may be out of sight
   */
  Optional<Withdrawal> withdraw(ModelVersion version) throws IOException;

  /** What killed publishers and collectors left untouched since then, with its bytes. */
  Map<String, Long> leftovers(Instant before);

  /** Best effort: what stays only takes space. */
  void deleteLeftover(String leftover);

  /**
   * An alias as it lies there.
   *
   * @param revision tells it from any other content of the same alias; empty where the storage
   *     can't
   * @param place for messages
   */
  record StoredAlias(byte[] content, String revision, String place) {}

  /** A release on its way in. Owned by one thread. */
  interface StagedRelease {
    /** Copies a file and digests what was copied; durable once {@link #commit} is called. */
    ReleaseFile add(String path, Path source) throws IOException;

    /**
     * Makes it the release with a number: visible as a whole, durable.
     *
     * @return false when someone else has the number
     * @throws UncertainCommitException when it can't be told whether it is visible
     * @throws IOException when it failed; nothing became visible
     */
    boolean commit(ModelVersion version, byte[] manifest, Optional<byte[]> signature)
        throws IOException;

    /** Frees the space of a copy that did not become visible. Best effort. */
    void discard();
  }

  /** A release out of sight. */
  interface Withdrawal {
    /** For messages: where it lies now. */
    String place();

    /** Brings it back under its number. */
    void restore() throws IOException;

    /** Best effort: what stays is a leftover. */
    void delete();
  }

  /** Whether a commit took place can't be told. */
  final class UncertainCommitException extends IOException {
    private static final long serialVersionUID = 1L;

    UncertainCommitException(IOException cause) {
      super(cause.toString(), cause);
    }
  }
}
