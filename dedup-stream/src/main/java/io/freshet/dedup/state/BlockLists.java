package io.freshet.dedup.state;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Lists of entries of one size, by number, in blocks of a fixed number of entries. What an append
 * reads and writes is bounded by one block, however long the list is; a list of one block is read
 * in one step.
 *
 * <p>Layout: key {@code list << 32 | block}; once its first block is full, a list's number of
 * blocks lies under {@code list << 32 | 0xffffffff}. Blocks but the last are full. Memory: one
 * block at a time. Owner: one thread.
 */
public final class BlockLists {
  private static final long COUNT = 0xffffffffL;
  private static final byte[] EMPTY = {};

  private final Table<Long, byte[]> blocks;
  private final int entryBytes;
  private final int blockBytes;

  /**
   * @param blocks where they lie; keys below 0 are left to others
   * @param entryBytes size of each entry
   * @param blockEntries entries of a full block
   */
  public BlockLists(Table<Long, byte[]> blocks, int entryBytes, int blockEntries) {
    this.blocks = blocks;
    this.entryBytes = entryBytes;
    this.blockBytes = Math.multiplyExact(entryBytes, blockEntries);
  }

  /** Adds an entry at the end. */
  public void append(int list, byte[] entry) {
    byte[] first = block(list, 0);
    if (first.length < blockBytes) {
      put(list, 0, concatenated(first, entry));
      return;
    }
    int count = count(list);
    byte[] last = count == 1 ? first : block(list, count - 1);
    if (last.length < blockBytes) {
      put(list, count - 1, concatenated(last, entry));
    } else {
      put(list, count, entry.clone());
      putCount(list, count + 1);
    }
  }

  /** Hands over the blocks in order: entries of the list one behind the other. */
  public void forEachBlock(int list, Consumer<byte[]> reader) {
    byte[] first = block(list, 0);
    reader.accept(first);
    if (first.length == blockBytes) {
      IntStream.range(1, count(list)).forEach(block -> reader.accept(block(list, block)));
    }
  }

  /**
   * Drops entries whose ordinals lie in 0..{@code oldest} - 1, once there is something to gain: a
   * block, or the front of a list of less than one.
   */
  public void forget(int list, int oldest) {
    byte[] first = block(list, 0);
    int decisive = first.length == blockBytes ? first.length - entryBytes : 0;
    if (first.length == 0 || !isForgotten(first, decisive, oldest)) {
      return;
    }
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    forEachBlock(
        list,
        block -> {
          for (int at = 0; at < block.length; at += entryBytes) {
            if (!isForgotten(block, at, oldest)) {
              kept.write(block, at, entryBytes);
            }
          }
        });
    replace(list, kept.toByteArray());
  }

  private static boolean isForgotten(byte[] block, int at, int oldest) {
    int ordinal = ByteBuffer.wrap(block).getInt(at);
    return ordinal >= 0 && ordinal < oldest;
  }

  /** Puts other entries, one behind the other, in the place of all that a list holds. */
  public void replace(int list, byte[] entries) {
    int before = block(list, 0).length == blockBytes ? count(list) : 1;
    int now = Math.max(1, (entries.length + blockBytes - 1) / blockBytes);
    for (int block = 0; block < now; block++) {
      int from = block * blockBytes;
      put(
          list,
          block,
          Arrays.copyOfRange(entries, from, Math.min(entries.length, from + blockBytes)));
    }
    for (int block = now; block < before; block++) {
      blocks.remove(key(list, block));
    }
    if (before > 1 || now > 1) {
      putCount(list, now);
    }
  }

  private byte[] block(int list, int block) {
    return blocks.get(key(list, block)).orElse(EMPTY);
  }

  private void put(int list, int block, byte[] entries) {
    blocks.put(key(list, block), entries);
  }

  private int count(int list) {
    Optional<byte[]> count = blocks.get(key(list, COUNT));
    return count.map(bytes -> ByteBuffer.wrap(bytes).getInt()).orElse(1);
  }

  private void putCount(int list, int count) {
    blocks.put(key(list, COUNT), ByteBuffer.allocate(Integer.BYTES).putInt(count).array());
  }

  private static long key(int list, long block) {
    return (long) list << 32 | block;
  }

  private static byte[] concatenated(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
