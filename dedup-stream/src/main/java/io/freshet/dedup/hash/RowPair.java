package io.freshet.dedup.hash;

import io.freshet.dedup.state.BlockLists;
import io.freshet.dedup.state.ImageIds;
import io.freshet.dedup.state.Table;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Two of the 16 rows of the hash index, which finds the stored hashes within a Hamming distance
 * under the eight symmetries of a square.
 *
 * <p>Guarantee: a hash within the distance is found by some pair (multi-index hashing, Norouzi et
 * al. 2012). A grid of 256 bits has 16 rows of 16. Two hashes that differ in at most 31 bits differ
 * in at most 7 in some <em>group</em> of four rows, and of these in at most one in some row. So the
 * query looks up its row and that row's 16 neighbours: 17 buckets. An entry is the ordinal of its
 * hash and the other three rows of the group, 10 bytes: of unrelated hashes whose rows are
 * neighbours one in ten million lies within 7 bits there. Only of those that do is the hash read in
 * full.
 *
 * <p>A bucket is shared by a row and its mirrored forms: a hash is filed flipped such that its row
 * is the least of them ({@link Dihedral#leastInRow}), and compared with those of the query's flips
 * whose row is a neighbour of that, mostly one in odd rows and two in even ones. Each hash is filed
 * as it is and transposed, which covers the diagonal flips.
 *
 * <p>What a query reads grows with what is stored: in each row 17 buckets a hash, each with one of
 * 22,000 parts of all entries on the average.
 *
 * <p>Memory: one block of a bucket at a time; everything else is in the tables. Owner: one thread.
 */
public final class RowPair {
  /** Pairs of rows; each has tables of its own. */
  public static final int PAIRS = 8;

  /** The largest distance at which 16 rows still guarantee one with at most one differing bit. */
  public static final int LARGEST_DISTANCE = 31;

  private static final int ROWS_OF_PAIR = 2;
  private static final int ROW_BITS = Short.SIZE;
  private static final int GROUPS = BitCode.LONGS;
  private static final long OTHER_ROWS = -1L >>> ROW_BITS;
  private static final int ENTRY_BYTES = Integer.BYTES + 3 * Short.BYTES;
  private static final int TAIL_ENTRIES = 128;

  private final int firstRow;
  private final BlockLists buckets;
  private final Table<Integer, byte[]> hashes;
  private final ImageIds imageIds;
  private final int maxDistance;

  /**
   * @param pair 0..7
   * @param blocks where entries live; nothing else may use it
   * @param hashes where hashes live in full; nothing else may use it
   * @param imageIds names the entries; nothing else may use it
   * @param maxDistance bits, 0..31
   */
  public RowPair(
      int pair,
      Table<Long, byte[]> blocks,
      Table<Integer, byte[]> hashes,
      ImageIds imageIds,
      int maxDistance) {
    if (maxDistance < 0 || maxDistance > LARGEST_DISTANCE) {
      throw new IllegalArgumentException(
          "hash distance %d: only 0..%d can be searched without loss"
              .formatted(maxDistance, LARGEST_DISTANCE));
    }
    this.firstRow = ROWS_OF_PAIR * pair;
    this.buckets = new BlockLists(blocks, ENTRY_BYTES, TAIL_ENTRIES);
    this.hashes = hashes;
    this.imageIds = imageIds;
    this.maxDistance = maxDistance;
  }

  /** An image whose hash is stored, and its least distance in bits from the queries. */
  public record Match(String imageId, int distance) {}

  /**
   * The images with a hash within the distance of any of the queries, those that are never
   * forgotten first, then the first stored first.
   *
   * @param mostCompared images whose hashes are read in full at most, besides those that are never
   *     forgotten: the nearest ones in a group of rows. Bounds the cost of an image that is stored
   *     in very many copies
   */
  public List<Match> matches(List<BitCode> queries, int mostCompared) {
    BitCode[] forms =
        queries.stream()
            .map(Dihedral::flips)
            .flatMap(Arrays::stream)
            .distinct()
            .toArray(BitCode[]::new);
    SortedMap<Integer, Integer> candidates = new TreeMap<>();
    for (int row = firstRow; row < firstRow + ROWS_OF_PAIR; row++) {
      for (int bucket : bucketsNear(row, queries)) {
        scan(list(row, bucket), near(row, bucket, forms), candidates);
      }
    }
    return compared(candidates, mostCompared)
        .mapToObj(ordinal -> match(forms, ordinal))
        .flatMap(Optional::stream)
        .toList();
  }

  private static int[] bucketsNear(int row, List<BitCode> queries) {
    return queries.stream()
        .mapToInt(query -> query.word16(row))
        .flatMap(
            bits ->
                IntStream.concat(
                    IntStream.of(bits),
                    IntStream.range(0, ROW_BITS).map(flipped -> bits ^ 1 << flipped)))
        .map(bits -> Dihedral.leastRow(row, bits))
        .distinct()
        .toArray();
  }

  /**
   * A form of the query that entries of a bucket are compared with.
   *
   * @param inRow bits by which its row differs from theirs
   * @param others its other rows in the group
   */
  private record NearForm(int inRow, long others) {
    int distance(long entry) {
      return inRow + Long.bitCount((entry ^ others) & OTHER_ROWS);
    }
  }

  private static NearForm[] near(int row, int bucket, BitCode[] forms) {
    List<NearForm> near = new ArrayList<>();
    for (BitCode form : forms) {
      int inRow = Integer.bitCount(form.word16(row) ^ bucket);
      if (inRow <= 1) {
        near.add(new NearForm(inRow, otherRows(row, form)));
      }
    }
    return near.toArray(new NearForm[0]);
  }

  /**
   * @param candidates gets the entries that are near in the group, by ordinal: the least distance
   */
  private void scan(int list, NearForm[] forms, SortedMap<Integer, Integer> candidates) {
    int most = maxDistance / GROUPS;
    buckets.forEachPart(
        list,
        part -> {
          for (int at = 0; at < part.limit(); at += ENTRY_BYTES) {
            long entry = part.getLong(at + ENTRY_BYTES - Long.BYTES);
            for (NearForm form : forms) {
              int distance = form.distance(entry);
              if (distance <= most) {
                candidates.merge(part.getInt(at), distance, Math::min);
              }
            }
          }
        });
  }

  /** Ordinals ascending. */
  private static IntStream compared(SortedMap<Integer, Integer> candidates, int most) {
    if (candidates.size() <= most) {
      return candidates.keySet().stream().mapToInt(ordinal -> ordinal);
    }
    IntStream lasting = candidates.headMap(0).keySet().stream().mapToInt(ordinal -> ordinal);
    IntStream nearest =
        candidates.tailMap(0).entrySet().stream()
            .sorted(Map.Entry.comparingByValue())
            .limit(most)
            .mapToInt(Map.Entry::getKey)
            .sorted();
    return IntStream.concat(lasting, nearest);
  }

  private Optional<Match> match(BitCode[] forms, int ordinal) {
    return hashes
        .get(ordinal)
        .map(stored -> distance(forms, ByteBuffer.wrap(stored)))
        .filter(distance -> distance <= maxDistance)
        .flatMap(distance -> imageIds.get(ordinal).map(id -> new Match(id, distance)));
  }

  private static int distance(BitCode[] forms, ByteBuffer codes) {
    int least = BitCode.BITS;
    while (codes.hasRemaining()) {
      BitCode code = BitCode.read(codes);
      BitCode transposed = Dihedral.transpose(code);
      for (BitCode form : forms) {
        least = Math.min(least, Math.min(form.distance(code), form.distance(transposed)));
      }
    }
    return least;
  }

  /**
   * Stores the hashes of an image.
   *
   * @param ingestedMicros when ingest accepted it, microseconds since 1970
   * @return the images that were forgotten for it
   */
  public List<String> add(String imageId, long ingestedMicros, List<BitCode> codes) {
    int ordinal = imageIds.add(imageId, ingestedMicros);
    int oldestBefore = imageIds.oldest();
    List<String> forgotten = imageIds.forget(ingestedMicros);
    IntStream.range(oldestBefore, oldestBefore + forgotten.size()).forEach(hashes::remove);
    store(ordinal, codes, oldestBefore + forgotten.size());
    return forgotten;
  }

  /** Stores the hashes of an image that is never forgotten. */
  public void addLasting(String imageId, List<BitCode> codes) {
    store(imageIds.addLasting(imageId), codes, imageIds.oldest());
  }

  private void store(int ordinal, List<BitCode> codes, int oldest) {
    ByteBuffer stored = ByteBuffer.allocate(codes.size() * BitCode.BYTES);
    codes.forEach(code -> code.write(stored));
    hashes.put(ordinal, stored.array());
    entries(ordinal, codes)
        .forEach(
            (bucket, entries) -> {
              if (oldest > 0) {
                buckets.forget(bucket, oldest);
              }
              buckets.append(bucket, entries.toByteArray());
            });
  }

  /** What an image is filed as, by bucket: a hash and its mirrored form share most buckets. */
  private SortedMap<Integer, ByteArrayOutputStream> entries(int ordinal, List<BitCode> codes) {
    SortedMap<Integer, ByteArrayOutputStream> entries = new TreeMap<>();
    for (BitCode code : codes) {
      for (BitCode form : List.of(code, Dihedral.transpose(code))) {
        for (int row = firstRow; row < firstRow + ROWS_OF_PAIR; row++) {
          BitCode filed = Dihedral.leastInRow(row, form);
          entries
              .computeIfAbsent(list(row, filed.word16(row)), bucket -> new ByteArrayOutputStream())
              .writeBytes(entry(ordinal, otherRows(row, filed)));
        }
      }
    }
    return entries;
  }

  private static byte[] entry(int ordinal, long otherRows) {
    return ByteBuffer.allocate(ENTRY_BYTES)
        .putInt(ordinal)
        .putShort((short) (otherRows >>> Integer.SIZE))
        .putInt((int) otherRows)
        .array();
  }

  private int list(int row, int bucket) {
    return ((row - firstRow) << ROW_BITS) | bucket;
  }

  /** The three rows that a row has beside it in its group, in the lower 48 bits. */
  private static long otherRows(int row, BitCode code) {
    return Long.rotateLeft(code.words()[row / GROUPS], row % GROUPS * ROW_BITS) & OTHER_ROWS;
  }
}
