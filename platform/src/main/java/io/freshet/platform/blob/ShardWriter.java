package io.freshet.platform.blob;

import io.freshet.schemas.BlobRef;

/**
 * Appends objects to shards that nobody else writes. The shard on disk is a valid tar after every
 * call, also after one that failed.
 *
 * <p>Owned by one thread, which closes it.
 */
public interface ShardWriter extends AutoCloseable {
  /**
   * Appends one object. The reference is readable at once in this machine, and durable only after
   * {@link #sync}: don't publish it earlier.
   *
   * @param entryName file name in the tar; the part before the first dot is the WebDataset key; 1
   *     to 100 of {@code A-Z a-z 0-9 . _ -}, not starting with a dot
   * @throws IllegalArgumentException for a bad name or an object larger than a shard may be
   * @throws BlobWriteException when the disk refused, for example because it is full: nothing was
   *     appended, and the call may be repeated unless the message says otherwise
   */
  BlobRef append(String entryName, byte[] content);

  /**
   * Makes everything appended so far durable: file contents and directory entries.
   *
   * @throws BlobWriteException when that can't be known; all further calls fail, since a second
   *     attempt could succeed over lost bytes. Restart from the last checkpoint.
   */
  void sync();

  /** Syncs what is not yet durable, then closes. */
  @Override
  void close();
}
