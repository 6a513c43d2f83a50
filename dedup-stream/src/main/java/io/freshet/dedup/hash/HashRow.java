package io.freshet.dedup.hash;

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
 * <p>Memory: one bucket at a time; everything else is in the tables. Owner: one thread.
 */
public final class HashRow {
  /** Rows of a hash; each has an index of its own. */
  public static final int ROWS = 16;

  /** The largest distance at which 16 rows still guarantee one with at most one differing bit. */
  public static final int LARGEST_DISTANCE = 31;

  private static final int ROW_BITS = 16;
  private static final byte[] EMPTY = {};
  private static final int ENTRY_BYTES = Integer.BYTES + BitCode.BYTES;

  private final int row;
  private final Table<Integer, byte[]> buckets;
  private final ImageIds imageIds;
  private final int maxDistance;

  /**
   * @param row 0..15
   * @param buckets where entries live; nothing else may use it
   * @param imageIds names the entries; nothing else may use it
   * @param maxDistance bits, 0..31
   */
  public HashRow(int row, Table<Integer, byte[]> buckets, ImageIds imageIds, int maxDistance) {
    if (maxDistance < 0 || maxDistance > LARGEST_DISTANCE) {
      throw new IllegalArgumentException(
          "hash distance %d: only 0..%d can be searched without loss"
              .formatted(maxDistance, LARGEST_DISTANCE));
    }
    this.row = row;
    this.buckets = buckets;
    this.imageIds = imageIds;
    this.maxDistance = maxDistance;
  }

  /** An image whose hash is stored, and its least distance in bits from the queries. */
  public record Match(String imageId, int distance) {}

  /** The images with a hash within the distance of any of the queries, first stored first. */
  public List<Match> matches(List<BitCode> queries) {
    BitCode[] variants =
        queries.stream().map(Dihedral::variants).flatMap(Arrays::stream).toArray(BitCode[]::new);
    SortedMap<Integer, Integer> distances = new TreeMap<>();
    queries.stream()
        .flatMapToInt(query -> bucketsNear(query.word16(row)))
        .distinct()
        .forEach(bucket -> scan(bucket, variants, distances));
    return distances.entrySet().stream()
        .map(entry -> new Match(imageIds.get(entry.getKey()), entry.getValue()))
        .toList();
  }

  private static IntStream bucketsNear(int bits) {
    IntStream neighbours = IntStream.range(0, ROW_BITS).map(flipped -> bits ^ 1 << flipped);
    return IntStream.concat(IntStream.of(bits), neighbours).map(Dihedral::rowRepresentative);
  }

  /** Stores the hashes of an image. */
  public void add(String imageId, List<BitCode> codes) {
    int ordinal = imageIds.add(imageId);
    for (BitCode code : codes) {
      append(code.word16(row), ordinal, code);
      append(Dihedral.transpose(code).word16(row), ordinal, code);
    }
  }

  private void append(int bits, int ordinal, BitCode code) {
    int key = Dihedral.rowRepresentative(bits);
    byte[] old = buckets.get(key).orElse(EMPTY);
    ByteBuffer grown = ByteBuffer.allocate(old.length + ENTRY_BYTES).put(old).putInt(ordinal);
    code.write(grown);
    buckets.put(key, grown.array());
  }

  private void scan(int bucket, BitCode[] variants, SortedMap<Integer, Integer> distances) {
    ByteBuffer entries = ByteBuffer.wrap(buckets.get(bucket).orElse(EMPTY));
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
