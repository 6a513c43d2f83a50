package io.freshet.platform.blob;

import io.freshet.schemas.BlobRef;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.function.LongSupplier;

/** Shards in one local directory. Thread-safe; each writer has its own thread. */
final class LocalBlobStore implements BlobStore {
  private static final int MAX_OPEN_SHARDS = 64;
  private static final int ATTEMPTS = 16;

  private final BlobConfig config;
  private final ShardFiles files;
  private final Clock clock;
  private final LongSupplier random;
  private final ShardChannels channels = new ShardChannels(MAX_OPEN_SHARDS);

  /**
   * @throws UncheckedIOException when the directory can't be created
   */
  LocalBlobStore(BlobConfig config, ShardFiles files, Clock clock, LongSupplier random) {
    this.config = config;
    this.files = files;
    this.clock = clock;
    this.random = random;
    try {
      createDirectory(config.dir().toAbsolutePath());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "blobs.dir %s can't be created; fix its permissions or name another"
              .formatted(config.dir()),
          e);
    }
  }

  private void createDirectory(Path dir) throws IOException {
    if (!Files.isDirectory(dir)) {
      Files.createDirectories(dir);
      if (dir.getParent() != null) {
        files.syncDirectory(dir.getParent());
      }
    }
  }

  @Override
  public byte[] read(BlobRef ref) {
    String shard = ref.getShard();
    if (!ShardNames.isShard(shard)) {
      throw new BlobMissingException("'%.80s' is no name of a shard".formatted(shard));
    }
    if (ref.getOffset() < 0 || ref.getLength() < 0) {
      throw new BlobMissingException("%s is no place in a shard".formatted(place(ref)));
    }
    byte[] content = bytes(ref, config.dir().resolve(shard));
    if (!MessageDigest.isEqual(Digests.sha256(content), ref.getSha256().bytes())) {
      throw new BlobAlteredException(
          "the bytes at %s have another SHA-256 than was written".formatted(place(ref)));
    }
    return content;
  }

  private byte[] bytes(BlobRef ref, Path path) {
    try {
      for (int attempt = 1; ; attempt++) {
        try {
          return bytes(ref, channels.of(path));
        } catch (ClosedByInterruptException e) {
          throw e;
        } catch (ClosedChannelException e) {
          if (attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
    } catch (NoSuchFileException e) {
      throw new BlobMissingException("shard %s doesn't exist".formatted(path));
    } catch (EOFException e) {
      throw new BlobAlteredException("shard %s ends before %s".formatted(path, place(ref)));
    } catch (IOException e) {
      throw new UncheckedIOException("reading %s failed".formatted(place(ref)), e);
    }
  }

  private static byte[] bytes(BlobRef ref, FileChannel channel) throws IOException {
    // Before the array is allocated: a forged length must cost nothing.
    if (ref.getOffset() > channel.size() - ref.getLength()) {
      throw new EOFException();
    }
    byte[] content = new byte[ref.getLength()];
    ByteBuffer buffer = ByteBuffer.wrap(content);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, ref.getOffset() + buffer.position()) < 0) {
        throw new EOFException();
      }
    }
    return content;
  }

  private static String place(BlobRef ref) {
    return "%.80s[%d, +%d]".formatted(ref.getShard(), ref.getOffset(), ref.getLength());
  }

  @Override
  public ShardWriter openShard(String writerName) {
    return new LocalShardWriter(config, files, new ShardNames(writerName, clock, random), clock);
  }

  @Override
  public void close() {
    try {
      channels.close();
    } catch (IOException e) {
      throw new UncheckedIOException("closing the shards of " + config.dir() + " failed", e);
    }
  }
}
