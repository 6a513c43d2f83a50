package io.freshet.platform.objects;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Objects under the prefix of one bucket. An object is there whole or not at all, and a write with
 * a {@link Precondition} takes place for at most one of any number of writers.
 *
 * <p>A read that fails, and a write that certainly did not take place, throws an {@link
 * IOException} whose message says what, where and why, and no secret. Thread-safe.
 */
public interface ObjectStore extends AutoCloseable {
  /**
   * An object with its content.
   *
   * @param etag as the storage calls this content
   */
  record Content(byte[] bytes, String etag) {}

  /**
   * An object in a list.
   *
   * @param key below the prefix
   * @param bytes its size
   * @param modified when it was written
   */
  record Entry(String key, long bytes, Instant modified) {}

  /**
   * A file that became an object.
   *
   * @param bytes its size
   * @param sha256 64 lower-case hex digits, of what was sent and is stored
   */
  record Uploaded(long bytes, String sha256) {}

  /**
   * An upload in parts that was begun and neither finished nor given up.
   *
   * @param key of the object that it would become
   */
  record UnfinishedUpload(String key, String id, Instant begun) {}

  /** For messages: {@code s3://BUCKET/PREFIX/KEY}. */
  String place(String key);

  /** The size of an object in bytes; empty when there is none. */
  Optional<Long> size(String key) throws IOException;

  /**
   * A small object.
   *
   * @throws ObjectTooLargeException when it is larger
   */
  Optional<Content> get(String key, int maxBytes) throws IOException;

  /**
   * An object from a position on; the caller closes it.
   *
   * @param offset at most the object's size
   * @throws java.nio.file.NoSuchFileException when there is no such object
   */
  InputStream read(String key, long offset) throws IOException;

  /**
   * Every object whose key begins so, by key; in as many requests as it takes.
   *
   * @throws IOException also when there are more than 1,000,000
   */
  List<Entry> list(String prefix) throws IOException;

  /** The steps that follow a prefix which ends in {@code /}, up to the next one. */
  List<String> folders(String prefix) throws IOException;

  /**
   * Writes a small object.
   *
   * @return its ETag; empty when the precondition did not hold and nothing was written. A write
   *     that took place although its answer was lost is told apart by the content: it must be
   *     another at each call that has a precondition
   * @throws UncertainWriteException when it can't be told whether it took place
   */
  Optional<String> put(String key, byte[] content, Precondition precondition) throws IOException;

  /**
   * Copies a file, in parts when it is large, and has the storage compare digests on arrival;
   * afterwards compares what is stored. Unconditional: the key belongs to the caller.
   *
   * @throws IOException when it failed; parts of it may remain as an {@link UnfinishedUpload}
   */
  Uploaded upload(String key, Path source) throws IOException;

  /** Removes objects; those that aren't there are none. */
  void delete(Collection<String> keys) throws IOException;

  List<UnfinishedUpload> unfinishedUploads(String prefix) throws IOException;

  /** Frees the space of its parts. */
  void abort(UnfinishedUpload upload) throws IOException;

  @Override
  void close();
}
