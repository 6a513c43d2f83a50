package io.freshet.platform.blob;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Open shards for reading, the least recently used closed first. A reader may find its channel
 * closed by another's eviction or interrupt, and then asks again.
 *
 * <p>Thread-safe.
 */
final class ShardChannels implements AutoCloseable {
  private final int limit;
  private final Map<Path, Opened> open = new LinkedHashMap<>(16, 0.75f, true);

  private record Opened(FileChannel channel, Object fileKey) {}

  ShardChannels(int limit) {
    this.limit = limit;
  }

  /**
   * @throws java.nio.file.NoSuchFileException when the shard is gone, even if it was open
   */
  synchronized FileChannel of(Path shard) throws IOException {
    Object fileKey;
    try {
      fileKey =
          Files.readAttributes(shard, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
              .fileKey();
    } catch (IOException e) {
      evict(shard);
      throw e;
    }
    Opened opened = open.get(shard);
    if (opened != null && opened.channel().isOpen() && Objects.equals(opened.fileKey(), fileKey)) {
      return opened.channel();
    }
    evict(shard);
    FileChannel channel =
        FileChannel.open(shard, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    open.put(shard, new Opened(channel, fileKey));
    evictBeyondLimit();
    return channel;
  }

  private void evict(Path shard) throws IOException {
    Opened stale = open.remove(shard);
    if (stale != null) {
      stale.channel().close();
    }
  }

  private void evictBeyondLimit() throws IOException {
    Iterator<Opened> oldest = open.values().iterator();
    while (open.size() > limit) {
      Opened evicted = oldest.next();
      oldest.remove();
      evicted.channel().close();
    }
  }

  @Override
  public synchronized void close() throws IOException {
    for (Opened opened : open.values()) {
      opened.channel().close();
    }
    open.clear();
  }
}
