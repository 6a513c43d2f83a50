package io.freshet.platform.blob;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A disk that fills up, refuses to sync, and loses what was not synced when the power fails. Files
 * lie on the real disk, so that stores and tools can read them.
 */
final class SimulatedDisk implements ShardFiles {
  private static final byte[] ABSENT = null;

  private final DiskShardFiles real = new DiskShardFiles();
  private final Map<Path, byte[]> durableContent = new HashMap<>();
  private final Map<Path, byte[]> durableAfterDirectorySync = new HashMap<>();
  private final Map<Path, Long> lengths = new HashMap<>();
  private long capacity = Long.MAX_VALUE;
  private boolean failSyncs;

  void capacity(long bytes) {
    capacity = bytes;
  }

  void failSyncs(boolean fail) {
    failSyncs = fail;
  }

  long used() {
    return lengths.entrySet().stream()
        .filter(file -> Files.exists(file.getKey()))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** Power failure: only synced content of files whose directory entry was synced stays. */
  void powerFailure() throws IOException {
    for (Path path : lengths.keySet()) {
      byte[] content = durableAfterDirectorySync.get(path);
      if (content == ABSENT) {
        Files.deleteIfExists(path);
      } else {
        Files.write(path, content);
      }
    }
  }

  @Override
  public ShardFile create(Path path) throws IOException {
    lengths.put(path, 0L);
    return new Faulty(path, real.create(path));
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    if (failSyncs) {
      throw new IOException("Input/output error");
    }
    real.syncDirectory(directory);
    durableAfterDirectorySync.putAll(durableContent);
  }

  private final class Faulty implements ShardFile {
    private final Path path;
    private final ShardFile file;

    Faulty(Path path, ShardFile file) {
      this.path = path;
      this.file = file;
    }

    @Override
    public void write(ByteBuffer bytes, long position) throws IOException {
      if (!Files.exists(path)) {
        throw new IOException("Stale file handle");
      }
      long length = lengths.get(path);
      long wanted = Math.max(length, position + bytes.remaining());
      long possible = Math.min(wanted, length + Math.max(0, capacity - used()));
      if (possible < wanted) {
        int fits = (int) Math.max(0, possible - position);
        if (fits > 0) {
          file.write(bytes.slice(bytes.position(), fits), position);
          lengths.put(path, possible);
        }
        throw new IOException("No space left on device");
      }
      file.write(bytes, position);
      lengths.put(path, wanted);
    }

    @Override
    public void truncate(long size) throws IOException {
      file.truncate(size);
      lengths.put(path, Math.min(size, lengths.get(path)));
    }

    @Override
    public void force() throws IOException {
      if (failSyncs) {
        throw new IOException("Input/output error");
      }
      file.force();
      byte[] content = Files.readAllBytes(path);
      durableContent.put(path, content);
      durableAfterDirectorySync.computeIfPresent(path, (p, before) -> content);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
