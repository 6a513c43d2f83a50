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
 * and each hash is filed under its row and its column, which covers the diagonal flips: two entries
 * of 36 bytes a hash.
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
    BitCode[] variants =
        queries.stream().map(Dihedral::variants).flatMap(Arrays::stream).toArray(BitCode[]::new);
    SortedMap<Integer, Integer> distances = new TreeMap<>();
    queries.stream()
        .flatMapToInt(query -> bucketsNear(query.word16(row)))
        .distinct()
        .forEach(bucket -> scan(bucket, variants, distances));
    return distances.entrySet().stream()
        .flatMap(
            entry ->
                imageIds.get(entry.getKey()).map(id -> new Match(id, entry.getValue())).stream())
        .toList();
  }

  private static IntStream bucketsNear(int bits) {
    IntStream neighbours = IntStream.range(0, ROW_BITS).map(flipped -> bits ^ 1 << flipped);
    return IntStream.concat(IntStream.of(bits), neighbours).map(Dihedral::rowRepresentative);
  }

  /**
   * Stores the hashes of an image.
   *
   * @param ingestedMicros when ingest accepted it, microseconds since 1970
   * @return how many images were forgotten
   */
  public int add(String imageId, long ingestedMicros, List<BitCode> codes) {
    int before = imageIds.oldest();
    append(imageIds.add(imageId, ingestedMicros), codes);
    return imageIds.oldest() - before;
  }

  /** Stores the hashes of an image that is never forgotten. */
  public void addLasting(String imageId, List<BitCode> codes) {
    append(imageIds.addLasting(imageId), codes);
  }

  private void append(int ordinal, List<BitCode> codes) {
    int oldest = imageIds.oldest();
    for (BitCode code : codes) {
      append(code.word16(row), ordinal, code, oldest);
      append(Dihedral.transpose(code).word16(row), ordinal, code, oldest);
    }
  }

  private void append(int bits, int ordinal, BitCode code, int oldest) {
    int bucket = Dihedral.rowRepresentative(bits);
    if (oldest > 0) {
      buckets.forget(bucket, oldest);
    }
    ByteBuffer entry = ByteBuffer.allocate(ENTRY_BYTES).putInt(ordinal);
    code.write(entry);
    buckets.append(bucket, entry.array());
  }

  private void scan(int bucket, BitCode[] variants, SortedMap<Integer, Integer> distances) {
    buckets.forEachPart(bucket, part -> scan(part, variants, distances));
  }

  private void scan(ByteBuffer entries, BitCode[] variants, SortedMap<Integer, Integer> distances) {
    while (entries.hasRemaining()) {
      int ordinal = entries.getInt();
      int distance =
          least(
              variants, entries.getLong(), entries.getLong(), entries.getLong(), entries.getLong());
      if (distance <= maxDistance) {
        distances.merge(ordinal, distance, Math::min);
      }
    }
  }

  private static int least(BitCode[] variants, long w0, long w1, long w2, long w3) {
    int least = BitCode.BITS;
    for (BitCode variant : variants) {
      least = Math.min(least, variant.distance(w0, w1, w2, w3));
    }
    return least;
  }
}
