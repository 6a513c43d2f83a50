package io.freshet.dedup.hash;

import io.freshet.dedup.state.BlockLists;
import io.freshet.dedup.state.ImageIds;
import io.freshet.dedup.state.Table;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * One of the 16 rows of the hash index, which finds the stored hashes within a Hamming distance
 * under the eight symmetries of a square.
 *
 * <p>Guarantee: a hash within the distance is found in some row (multi-index hashing, Norouzi et
 * al. 2012). A grid of 256 bits has 16 rows of 16. Two hashes that differ in at most 31 bits differ
 * in at most one bit in some row, so the query looks up its row and that row's 16 neighbours: 17
 * buckets. A bucket is shared by a row and its mirrored forms ({@link Dihedral#rowRepresentative}),
 * and each hash is filed as it is and transposed, which covers the diagonal flips: two entries of
 * 36 bytes a hash. Of the query's four flips only those are compared with an entry whose row
 * differs from the entry's in at most one bit: mostly one in odd rows, two in even ones. A pair
 * within the distance passes this in some row, with the flip that makes it so.
 *
 * <p>What a query reads grows with what is stored: {@code 34 * 16} buckets, each with one of 22,000
 * parts of all entries on the average.
 *
 * <p>Memory: one block of a bucket at a time; everything else is in the tables. Owner: one thread.
 */
public final class HashRow {
  /** Rows of a hash; each has an index of its own. */
  public static final int ROWS = 16;

  /** The largest distance at which 16 rows still guarantee one with at most one differing bit. */
  public static final int LARGEST_DISTANCE = 31;

  private static final int ROW_BITS = 16;
  private static final int ENTRY_BYTES = Integer.BYTES + BitCode.BYTES;
  private static final int TAIL_ENTRIES = 128;

  private final int row;
  private final BlockLists buckets;
  private final ImageIds imageIds;
  private final int maxDistance;

  /**
   * @param row 0..15
   * @param blocks where entries live; nothing else may use it
   * @param imageIds names the entries; nothing else may use it
   * @param maxDistance bits, 0..31
   */
  public HashRow(int row, Table<Long, byte[]> blocks, ImageIds imageIds, int maxDistance) {
    if (maxDistance < 0 || maxDistance > LARGEST_DISTANCE) {
      throw new IllegalArgumentException(
          "hash distance %d: only 0..%d can be searched without loss"
              .formatted(maxDistance, LARGEST_DISTANCE));
    }
    this.row = row;
    this.buckets = new BlockLists(blocks, ENTRY_BYTES, TAIL_ENTRIES);
    this.imageIds = imageIds;
    this.maxDistance = maxDistance;
  }

  /** An image whose hash is stored, and its least distance in bits from the queries. */
  public record Match(String imageId, int distance) {}

  /**
   * The images with a hash within the distance of any of the queries, those that are never
   * forgotten first, then the first stored first.
   */
  public List<Match> matches(List<BitCode> queries) {
    BitCode[] forms =
        queries.stream()
            .map(Dihedral::flips)
            .flatMap(Arrays::stream)
            .distinct()
            .toArray(BitCode[]::new);
    int[] rows = Arrays.stream(forms).mapToInt(form -> form.word16(row)).toArray();
    SortedMap<Integer, Integer> distances = new TreeMap<>();
    queries.stream()
        .flatMapToInt(query -> bucketsNear(query.word16(row)))
        .distinct()
        .forEach(bucket -> buckets.forEachPart(bucket, part -> scan(part, forms, rows, distances)));
    return distances.entrySet().stream()
        .flatMap(
            entry ->
                imageIds.get(entry.getKey()).map(id -> new Match(id, entry.getValue())).stream())
        .toList();
  }

  private IntStream bucketsNear(int bits) {
    IntStream neighbours = IntStream.range(0, ROW_BITS).map(flipped -> bits ^ 1 << flipped);
    return IntStream.concat(IntStream.of(bits), neighbours)
        .map(word -> Dihedral.rowRepresentative(row, word));
  }

  /**
   * Stores the hashes of an image.
   *
   * @param ingestedMicros when ingest accepted it, microseconds since 1970
   * @return the images that were forgotten for it
   */
  public List<String> add(String imageId, long ingestedMicros, List<BitCode> codes) {
    int ordinal = imageIds.add(imageId, ingestedMicros);
    List<String> forgotten = imageIds.forget(ingestedMicros);
    append(ordinal, codes);
    return forgotten;
  }

  /** Stores the hashes of an image that is never forgotten. */
  public void addLasting(String imageId, List<BitCode> codes) {
    append(imageIds.addLasting(imageId), codes);
  }

  private void append(int ordinal, List<BitCode> codes) {
    int oldest = imageIds.oldest();
    for (BitCode code : codes) {
      append(ordinal, code, oldest);
      append(ordinal, Dihedral.transpose(code), oldest);
    }
  }

  private void append(int ordinal, BitCode code, int oldest) {
    int bucket = Dihedral.rowRepresentative(row, code.word16(row));
    if (oldest > 0) {
      buckets.forget(bucket, oldest);
    }
    ByteBuffer entry = ByteBuffer.allocate(ENTRY_BYTES).putInt(ordinal);
    code.write(entry);
    buckets.append(bucket, entry.array());
  }

  /**
   * @param rows of the forms
   */
  private void scan(
      ByteBuffer entries, BitCode[] forms, int[] rows, SortedMap<Integer, Integer> distances) {
    int rowAt = Integer.BYTES + row * Short.BYTES;
    for (int at = 0; at < entries.limit(); at += ENTRY_BYTES) {
      int bits = entries.getShort(at + rowAt) & 0xffff;
      for (int form = 0; form < forms.length; form++) {
        if (Integer.bitCount(rows[form] ^ bits) <= 1) {
          int distance = forms[form].distance(entries, at + Integer.BYTES, maxDistance);
          if (distance <= maxDistance) {
            distances.merge(entries.getInt(at), distance, Math::min);
          }
        }
      }
    }
  }
}
