package io.freshet.platform.blob;

import io.freshet.schemas.BlobRef;

/**
 * Objects by reference. What {@link #read} returns is bit for bit what was appended, or it throws.
 *
 * <p>Thread-safe. Whoever opened it closes it.
 */
public interface BlobStore extends AutoCloseable {
  /**
   * The bytes of an object, whose length and SHA-256 were checked.
   *
   * @throws BlobMissingException when the shard is not there, or the reference is none
   * @throws BlobAlteredException when the shard is too short or its bytes have another digest
   * @throws java.io.UncheckedIOException when the disk or an interrupt prevented the read; it says
   *     nothing about the object, retry
   */
  byte[] read(BlobRef ref);

  /**
   * A writer of new shards. Shards of earlier writers are never appended to.
   *
   * @param writerName starts the names of its shards; unique among the live writers of a
   *     deployment, such as {@code ingest-0}; 1 to 28 of {@code a-z 0-9 . _ -}
   */
  ShardWriter openShard(String writerName);

  @Override
  void close();
}
