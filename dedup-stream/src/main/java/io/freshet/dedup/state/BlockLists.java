package io.freshet.dedup.state;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Lists of entries of one size, by number; an entry begins with its ordinal. What comes goes to a
 * list's <em>tail</em>, a full tail to the end of the list's last <em>block</em>, which holds
 * eight. So an append writes a tail, and once for each tail a block, however long the list is; and
 * a list of n entries is read in 1 + n / 8 tails steps, one of less than a tail in one.
 *
 * <p>Layout: under key {@code list << 32} the number of blocks, an ordinal and the tail's entries;
 * block b, from 1 on, under {@code list << 32 | b}. Blocks hold whole tails, all but the last
 * eight. The ordinal, which counts where there is a block, is the largest that can be forgotten of
 * the oldest tail in which one can, or {@link #LASTING} where the blocks hold none: once it is
 * forgotten there is something to gain. Entries of ordinals below 0 stay for ever. Memory: one
 * block at a time. Owner: one thread.
 */
public final class BlockLists {
  private static final int BLOCK_TAILS = 8;
  private static final int HEADER_BYTES = 2 * Integer.BYTES;

  /** In the place of an ordinal where there is none that can be forgotten. */
  private static final int LASTING = -1;

  private final Table<Long, byte[]> values;
  private final int entryBytes;
  private final int tailBytes;

  /**
   * @param values where they lie; keys below 0 are left to others
   * @param entryBytes size of each entry, at least 4
   * @param tailEntries entries of a full tail
   */
  public BlockLists(Table<Long, byte[]> values, int entryBytes, int tailEntries) {
    this.values = values;
    this.entryBytes = entryBytes;
    this.tailBytes = Math.multiplyExact(entryBytes, tailEntries);
  }

  /** The tail of a list, with what its value says of the blocks. */
  private record Tail(int blocks, int decisive, ByteBuffer entries) {
    static final Tail EMPTY = new Tail(0, 0, ByteBuffer.allocate(0));

    static Tail read(byte[] bytes) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      return new Tail(buffer.getInt(), buffer.getInt(), buffer.slice());
    }

    int length() {
      return entries.capacity();
    }

    /** With entries more, of {@code bytes} from {@code at} on. */
    Tail with(byte[] more, int at, int bytes) {
      ByteBuffer longer = ByteBuffer.allocate(length() + bytes);
      longer.put(entries.duplicate()).put(more, at, bytes).flip();
      return new Tail(blocks, decisive, longer);
    }

    byte[] bytes() {
      return ByteBuffer.allocate(HEADER_BYTES + length())
          .putInt(blocks)
          .putInt(decisive)
          .put(entries.duplicate())
          .array();
    }
  }

  /** Adds entries, one behind the other, at the end. */
  public void append(int list, byte[] entries) {
    Tail tail = tail(list);
    for (int at = 0; at < entries.length; ) {
      Tail open = tail.length() < tailBytes ? tail : moved(list, tail);
      int fitting = Math.min(entries.length - at, tailBytes - open.length());
      tail = open.with(entries, at, fitting);
      at += fitting;
    }
    values.put(key(list, 0), tail.bytes());
  }

  /** An empty tail: the entries of the full one lie in a block. */
  private Tail moved(int list, Tail full) {
    byte[] last = full.blocks() == 0 ? new byte[0] : block(list, full.blocks());
    boolean isNew = last.length % (BLOCK_TAILS * tailBytes) == 0;
    int blocks = isNew ? full.blocks() + 1 : full.blocks();
    byte[] block = Arrays.copyOf(last, isNew ? tailBytes : last.length + tailBytes);
    full.entries().get(0, block, block.length - tailBytes, tailBytes);
    values.put(key(list, blocks), block);
    boolean isDecided = full.blocks() > 0 && full.decisive() >= 0;
    int decisive = isDecided ? full.decisive() : largestOrdinal(full.entries());
    return new Tail(blocks, decisive, ByteBuffer.allocate(0));
  }

  /** Hands over the entries in order, one behind the other from index 0 on, in several parts. */
  public void forEachPart(int list, Consumer<ByteBuffer> reader) {
    Tail tail = tail(list);
    for (int block = 1; block <= tail.blocks(); block++) {
      reader.accept(ByteBuffer.wrap(block(list, block)));
    }
    if (tail.length() > 0) {
      reader.accept(tail.entries());
    }
  }

  /**
   * Drops entries whose ordinals lie in 0..{@code oldest} - 1, once there is something to gain: all
   * that can be forgotten of a tail, or the first of a list without blocks. Where ordinals ascend,
   * fewer entries than a tail's are left that are to go.
   */
  public void forget(int list, int oldest) {
    Tail tail = tail(list);
    if (tail.length() == 0) {
      return;
    }
    int decisive = tail.blocks() == 0 ? firstOrdinal(tail.entries()) : tail.decisive();
    if (!isForgotten(decisive, oldest)) {
      return;
    }
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    forEachPart(
        list,
        part -> {
          byte[] entry = new byte[entryBytes];
          for (int at = 0; at < part.limit(); at += entryBytes) {
            if (!isForgotten(ordinal(part, at), oldest)) {
              part.get(at, entry);
              kept.writeBytes(entry);
            }
          }
        });
    replace(list, tail.blocks(), kept.toByteArray());
  }

  /** Puts other entries, one behind the other, in the place of all that a list holds. */
  public void replace(int list, byte[] entries) {
    replace(list, tail(list).blocks(), entries);
  }

  private void replace(int list, int blocksBefore, byte[] entries) {
    int inBlocks = entries.length <= tailBytes ? 0 : (entries.length - 1) / tailBytes * tailBytes;
    int blocks = 0;
    for (int from = 0; from < inBlocks; from += BLOCK_TAILS * tailBytes) {
      blocks++;
      int to = Math.min(inBlocks, from + BLOCK_TAILS * tailBytes);
      values.put(key(list, blocks), Arrays.copyOfRange(entries, from, to));
    }
    for (int block = blocks + 1; block <= blocksBefore; block++) {
      values.remove(key(list, block));
    }
    int decisive = LASTING;
    for (int at = 0; at < inBlocks && decisive == LASTING; at += tailBytes) {
      decisive = largestOrdinal(ByteBuffer.wrap(entries, at, tailBytes).slice());
    }
    ByteBuffer rest = ByteBuffer.wrap(entries, inBlocks, entries.length - inBlocks).slice();
    values.put(key(list, 0), new Tail(blocks, decisive, rest).bytes());
  }

  private Tail tail(int list) {
    return values.get(key(list, 0)).map(Tail::read).orElse(Tail.EMPTY);
  }

  private byte[] block(int list, int block) {
    return values
        .get(key(list, block))
        .orElseThrow(
            () -> new IllegalStateException("list %d has no block %d".formatted(list, block)));
  }

  private int largestOrdinal(ByteBuffer entries) {
    int largest = LASTING;
    for (int at = 0; at < entries.limit(); at += entryBytes) {
      largest = Math.max(largest, ordinal(entries, at));
    }
    return largest;
  }

  /** Of those that can be forgotten. */
  private int firstOrdinal(ByteBuffer entries) {
    for (int at = 0; at < entries.limit(); at += entryBytes) {
      if (ordinal(entries, at) >= 0) {
        return ordinal(entries, at);
      }
    }
    return LASTING;
  }

  private static int ordinal(ByteBuffer entries, int at) {
    return entries.getInt(at);
  }

  private static boolean isForgotten(int ordinal, int oldest) {
    return ordinal >= 0 && ordinal < oldest;
  }

  private static long key(int list, int block) {
    return (long) list << 32 | block;
  }
}
