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
  private static final int TAIL_ENTRIES = 4;
  private static final int LISTS = 3;

  @Property(tries = 200, shrinking = ShrinkingMode.OFF)
  void holdsWhatWasAppendedAndNotForgotten(@ForAll long seed) {
    Random random = new Random(seed);
    MapTable<Long, byte[]> table = new MapTable<>();
    BlockLists lists = new BlockLists(table, ENTRY_BYTES, TAIL_ENTRIES);
    List<List<byte[]>> expected = new ArrayList<>();
    for (int list = 0; list < LISTS; list++) {
      expected.add(new ArrayList<>());
    }
    int oldest = 0;
    for (int ordinal = 0; ordinal < 400; ordinal++) {
      int list = random.nextInt(LISTS);
      int kind = random.nextInt(10);
      if (kind == 0) {
        oldest = Math.min(ordinal, oldest + random.nextInt(12));
        lists.forget(list, oldest);
        int left = read(lists, list).size() - alive(expected.get(list), oldest).size();
        assertTrue(
            left < TAIL_ENTRIES,
            "%d entries left that are to go, in list %d after step %d, seed %d"
                .formatted(left, list, ordinal, seed));
      } else if (kind == 1) {
        expected.set(
            list, new ArrayList<>(expected.get(list).subList(0, expected.get(list).size() / 2)));
        lists.replace(list, joined(expected.get(list)));
      } else {
        List<byte[]> entries = new ArrayList<>();
        for (int i = random.nextInt(2 * TAIL_ENTRIES + 2); i >= 0; i--) {
          entries.add(entry(random.nextInt(8) == 0 ? -1 - ordinal : ordinal, random));
        }
        expected.get(list).addAll(entries);
        lists.append(list, joined(entries));
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
    BlockLists lists = new BlockLists(table, ENTRY_BYTES, TAIL_ENTRIES);
    for (int ordinal = 0; ordinal < 1_000; ordinal++) {
      lists.forget(1, ordinal - 10);
      lists.append(1, entry(ordinal, new Random(ordinal)));
    }
    assertTrue(table.size() <= 6, table.size() + " values for 10 entries");
  }

  @Test
  void whatLastsDoesNotKeepWhatIsForgottenOnDisk() {
    MapTable<Long, byte[]> table = new MapTable<>();
    BlockLists lists = new BlockLists(table, ENTRY_BYTES, TAIL_ENTRIES);
    for (int lasting = 0; lasting < 2 * TAIL_ENTRIES; lasting++) {
      lists.append(1, entry(-1 - lasting, new Random(lasting)));
    }
    for (int ordinal = 0; ordinal < 1_000; ordinal++) {
      lists.forget(1, ordinal - 10);
      lists.append(1, entry(ordinal, new Random(ordinal)));
    }
    assertTrue(read(lists, 1).size() <= 10 + 3 * TAIL_ENTRIES, read(lists, 1).size() + " entries");
    assertTrue(table.size() <= 6, table.size() + " values for 18 entries");
  }

  @Test
  void longListsCostLittleToWriteAndFewStepsToRead() {
    CountedTable table = new CountedTable();
    BlockLists lists = new BlockLists(table, ENTRY_BYTES, TAIL_ENTRIES);
    int entries = 10_000;
    for (int ordinal = 0; ordinal < entries; ordinal++) {
      lists.append(0, entry(ordinal, new Random(ordinal)));
    }
    // Half a tail on the average, and for each entry its share of half a block.
    double written = (double) table.written / entries;
    assertTrue(
        written <= 8 + (TAIL_ENTRIES / 2.0 + 5) * ENTRY_BYTES, written + " bytes for an entry");
    table.reads = 0;
    assertEquals(entries, read(lists, 0).size());
    assertTrue(
        table.reads <= 2 + entries / (8 * TAIL_ENTRIES),
        table.reads + " reads of %,d entries".formatted(entries));
  }

  @Test
  void aListOfLessThanATailIsReadInOneStep() {
    CountedTable table = new CountedTable();
    BlockLists lists = new BlockLists(table, ENTRY_BYTES, TAIL_ENTRIES);
    for (int ordinal = 0; ordinal < TAIL_ENTRIES; ordinal++) {
      lists.append(3, entry(ordinal, new Random(ordinal)));
    }
    table.reads = 0;
    assertEquals(TAIL_ENTRIES, read(lists, 3).size());
    assertEquals(1, table.reads);
  }

  /** Counts reads, and bytes written. */
  private static final class CountedTable implements Table<Long, byte[]> {
    private final MapTable<Long, byte[]> table = new MapTable<>();
    private int reads;
    private long written;

    @Override
    public Optional<byte[]> get(Long key) {
      reads++;
      return table.get(key);
    }

    @Override
    public void put(Long key, byte[] value) {
      written += value.length;
      table.put(key, value);
    }

    @Override
    public void remove(Long key) {
      table.remove(key);
    }
  }

  private static List<byte[]> read(BlockLists lists, int list) {
    List<byte[]> entries = new ArrayList<>();
    lists.forEachPart(
        list,
        part -> {
          ByteBuffer bytes = part.duplicate();
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
