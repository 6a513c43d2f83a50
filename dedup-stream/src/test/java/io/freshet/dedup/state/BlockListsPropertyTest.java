package io.freshet.dedup.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.testing.MapTable;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/** Against lists in memory. */
class BlockListsPropertyTest {
  private static final int ENTRY_BYTES = 6;
  private static final int BLOCK_ENTRIES = 4;
  private static final int LISTS = 3;

  @Property(tries = 200, shrinking = ShrinkingMode.OFF)
  void holdsWhatWasAppendedAndNotForgotten(@ForAll long seed) {
    Random random = new Random(seed);
    MapTable<Long, byte[]> table = new MapTable<>();
    BlockLists lists = new BlockLists(table, ENTRY_BYTES, BLOCK_ENTRIES);
    List<List<byte[]>> expected = new ArrayList<>();
    for (int list = 0; list < LISTS; list++) {
      expected.add(new ArrayList<>());
    }
    int oldest = 0;
    for (int ordinal = 0; ordinal < 60; ordinal++) {
      int list = random.nextInt(LISTS);
      int kind = random.nextInt(10);
      if (kind == 0) {
        oldest = Math.min(ordinal, oldest + random.nextInt(12));
        lists.forget(list, oldest);
      } else if (kind == 1) {
        expected.set(
            list, new ArrayList<>(expected.get(list).subList(0, expected.get(list).size() / 2)));
        lists.replace(list, joined(expected.get(list)));
      } else {
        byte[] entry = entry(random.nextInt(8) == 0 ? -1 - ordinal : ordinal, random);
        expected.get(list).add(entry);
        lists.append(list, entry);
      }
      for (int each = 0; each < LISTS; each++) {
        assertArrayEquals(
            joined(alive(expected.get(each), oldest)),
            joined(alive(read(lists, each), oldest)),
            "list %d after step %d, seed %d".formatted(each, ordinal, seed));
      }
    }
  }

  @Test
  void whatIsForgottenLeavesTheDisk() {
    MapTable<Long, byte[]> table = new MapTable<>();
    BlockLists lists = new BlockLists(table, ENTRY_BYTES, BLOCK_ENTRIES);
    for (int ordinal = 0; ordinal < 1_000; ordinal++) {
      lists.forget(1, ordinal - 10);
      lists.append(1, entry(ordinal, new Random(ordinal)));
    }
    assertTrue(table.size() <= 6, table.size() + " values for 10 entries");
  }

  @Test
  void anAppendWritesNoMoreThanABlock() {
    List<Integer> written = new ArrayList<>();
    MapTable<Long, byte[]> table = new MapTable<>();
    BlockLists lists =
        new BlockLists(
            new Table<>() {
              @Override
              public Optional<byte[]> get(Long key) {
                return table.get(key);
              }

              @Override
              public void put(Long key, byte[] value) {
                written.add(value.length);
                table.put(key, value);
              }

              @Override
              public void remove(Long key) {
                table.remove(key);
              }
            },
            ENTRY_BYTES,
            BLOCK_ENTRIES);
    for (int ordinal = 0; ordinal < 200; ordinal++) {
      lists.append(0, entry(ordinal, new Random(ordinal)));
    }
    assertEquals(
        BLOCK_ENTRIES * ENTRY_BYTES, written.stream().mapToInt(bytes -> bytes).max().orElseThrow());
  }

  private static List<byte[]> read(BlockLists lists, int list) {
    List<byte[]> entries = new ArrayList<>();
    lists.forEachBlock(
        list,
        block -> {
          ByteBuffer bytes = ByteBuffer.wrap(block);
          while (bytes.hasRemaining()) {
            byte[] entry = new byte[ENTRY_BYTES];
            bytes.get(entry);
            entries.add(entry);
          }
        });
    return entries;
  }

  private static List<byte[]> alive(List<byte[]> entries, int oldest) {
    return entries.stream()
        .filter(
            entry -> {
              int ordinal = ByteBuffer.wrap(entry).getInt();
              return ordinal < 0 || ordinal >= oldest;
            })
        .toList();
  }

  private static byte[] joined(List<byte[]> entries) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    entries.forEach(joined::writeBytes);
    return joined.toByteArray();
  }

  private static byte[] entry(int ordinal, Random random) {
    return ByteBuffer.allocate(ENTRY_BYTES)
        .putInt(ordinal)
        .putShort((short) random.nextInt())
        .array();
  }
}
