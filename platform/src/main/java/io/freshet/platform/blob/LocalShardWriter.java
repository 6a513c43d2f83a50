package io.freshet.platform.blob;

import static io.freshet.platform.blob.TarFormat.BLOCK;
import static io.freshet.platform.blob.TarFormat.TRAILER;

import io.freshet.platform.blob.ShardFiles.ShardFile;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/**
 * Writes shards into a directory.
 *
 * <p>An entry appears by one block: content, padding and a new trailer are written first, behind
 * the zero block that ends the archive so far; the header then replaces that block. A kill between
 * the two leaves the old archive.
 *
 * <p>Owned by one thread.
 */
final class LocalShardWriter implements ShardWriter {
  private final Path dir;
  private final long maxBytes;
  private final ShardFiles files;
  private final ShardNames names;
  private final Clock clock;

  private ShardFile file;
  private String shard;
  private long end;
  private boolean contentUnsynced;
  private boolean entryUnsynced;
  private IOException broken;
  private boolean closed;

  LocalShardWriter(BlobConfig config, ShardFiles files, ShardNames names, Clock clock) {
    this.dir = config.dir();
    this.maxBytes = config.shardMaxSize().bytes();
    this.files = files;
    this.names = names;
    this.clock = clock;
  }

  @Override
  public BlobRef append(String entryName, byte[] content) {
    requireUsable();
    TarFormat.requireEntryName(entryName);
    long entryBytes = BLOCK + TarFormat.padded(content.length);
    if (entryBytes + TRAILER > maxBytes) {
      throw new IllegalArgumentException(
          "%s has %d bytes and fits in no shard of %d; raise blobs.shard_max_size"
              .formatted(entryName, content.length, maxBytes));
    }
    if (file != null && end + entryBytes + TRAILER > maxBytes) {
      finishShard();
    }
    if (file == null) {
      beginShard();
    }
    write(entryName, content);
    BlobRef ref =
        new BlobRef(shard, end + BLOCK, content.length, new Sha256(Digests.sha256(content)));
    end += entryBytes;
    contentUnsynced = true;
    return ref;
  }

  private void write(String entryName, byte[] content) {
    try {
      file.write(TarFormat.body(content), end + BLOCK);
      file.write(TarFormat.header(entryName, content.length, clock.instant()), end);
    } catch (IOException e) {
      undo(e);
      throw new BlobWriteException(
          "%s (%d bytes) was not appended to %s: %s; %s"
              .formatted(
                  entryName,
                  content.length,
                  dir.resolve(shard),
                  e.getMessage(),
                  broken == null
                      ? "repeat it when the disk has space"
                      : "the shard can't be repaired, restart from the last checkpoint"),
          e);
    }
  }

  /** Restores the archive as it was before a write that failed. Needs no new disk space. */
  private void undo(IOException cause) {
    try {
      if (end == 0) {
        file.close();
        Files.deleteIfExists(dir.resolve(shard));
        file = null;
      } else {
        file.write(TarFormat.trailer(), end);
        file.truncate(end + TRAILER);
        contentUnsynced = true;
      }
    } catch (IOException e) {
      cause.addSuppressed(e);
      broken = cause;
    }
  }

  private void beginShard() {
    String name = names.next();
    try {
      file = files.create(dir.resolve(name));
    } catch (IOException e) {
      throw new BlobWriteException(
          "shard %s can't be created: %s; free disk space or fix the permissions of blobs.dir"
              .formatted(dir.resolve(name), e.getMessage()),
          e);
    }
    shard = name;
    end = 0;
    entryUnsynced = true;
  }

  private void finishShard() {
    sync();
    try {
      file.close();
    } catch (IOException e) {
      broken = e;
      throw unknown(e);
    } finally {
      file = null;
    }
  }

  @Override
  public void sync() {
    requireUsable();
    try {
      if (contentUnsynced) {
        file.force();
        contentUnsynced = false;
      }
      if (entryUnsynced) {
        files.syncDirectory(dir);
        entryUnsynced = false;
      }
    } catch (IOException e) {
      broken = e;
      throw unknown(e);
    }
  }

  private BlobWriteException unknown(IOException e) {
    return new BlobWriteException(
        "%s may have lost what was appended since the last sync: %s; restart from the last"
                .formatted(dir.resolve(shard), e.getMessage())
            + " checkpoint",
        e);
  }

  private void requireUsable() {
    if (closed) {
      throw new IllegalStateException("the writer of " + dir + " is closed");
    }
    if (broken != null) {
      throw new BlobWriteException(
          "the writer of %s failed before (%s); restart from the last checkpoint"
              .formatted(dir, broken.getMessage()),
          broken);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    try {
      if (broken == null) {
        sync();
      }
    } finally {
      closed = true;
      closeFile();
    }
  }

  private void closeFile() {
    if (file == null) {
      return;
    }
    try {
      file.close();
    } catch (IOException e) {
      if (broken == null) {
        throw unknown(e);
      }
    } finally {
      file = null;
    }
  }
}
