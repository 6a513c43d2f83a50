package io.freshet.dedup.hash;

import io.freshet.dedup.state.Table;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds the stored hashes within a Hamming distance, under the eight symmetries of a square.
 *
 * <p>Guarantee: a hash within the distance is always found (multi-index hashing, Norouzi et al.
 * 2012). A grid of 256 bits has 16 rows of 16. Two hashes that differ in at most 31 bits differ in
 * at most one bit in some row, so the query looks up each of its rows and each of that row's 16
 * neighbours: 272 buckets. A bucket is shared by a row and its mirrored forms ({@link
 * Dihedral#rowRepresentative}), and each hash is filed under its rows and its columns, which covers
 * the diagonal flips: 32 entries of 36 bytes a hash.
 *
 * <p>Memory: one bucket at a time; everything else is in the tables. Owner: one thread.
 */
public final class HashIndex {
  /** The largest distance at which 16 rows still guarantee one with at most one differing bit. */
  public static final int LARGEST_DISTANCE = 31;

  private static final int ROWS = 16;
  private static final int ENTRY_BYTES = Integer.BYTES + BitCode.BYTES;

  private final Table<Long, byte[]> buckets;
  private final int maxDistance;

  /**
   * @param buckets where entries live; nothing else may use it
   * @param maxDistance bits, 0..31
   */
  public HashIndex(Table<Long, byte[]> buckets, int maxDistance) {
    if (maxDistance < 0 || maxDistance > LARGEST_DISTANCE) {
      throw new IllegalArgumentException(
          "hash distance %d: only 0..%d can be searched without loss"
              .formatted(maxDistance, LARGEST_DISTANCE));
    }
    this.buckets = buckets;
    this.maxDistance = maxDistance;
  }

  /** A stored hash and its distance in bits from the query. */
  public record Match(int ordinal, int distance) {}

  /** The nearest stored hash within the distance; of several the one that was added first. */
  public Optional<Match> nearest(BitCode query) {
    return matches(query).stream()
        .min(Comparator.comparing(Match::distance).thenComparing(Match::ordinal));
  }

  /** Every stored hash within the distance, in the order of their ordinals. */
  public List<Match> matches(BitCode query) {
    Search search = new Search(query);
    for (int row = 0; row < ROWS; row++) {
      int bits = query.word16(row);
      search.scan(bucket(row, bits));
      for (int flipped = 0; flipped < ROWS; flipped++) {
        search.scan(bucket(row, bits ^ 1 << flipped));
      }
    }
    return search.matches();
  }

  /**
   * Stores a hash; an image may have several.
   *
   * @param ordinal the image's
   */
  public void add(int ordinal, BitCode code) {
    BitCode transposed = Dihedral.transpose(code);
    for (int row = 0; row < ROWS; row++) {
      append(key(row, code.word16(row)), ordinal, code);
      append(key(row, transposed.word16(row)), ordinal, code);
    }
  }

  private Optional<byte[]> bucket(int row, int bits) {
    return buckets.get(key(row, bits));
  }

  private static long key(int row, int bits) {
    return (long) row << 16 | Dihedral.rowRepresentative(bits);
  }

  private void append(long key, int ordinal, BitCode code) {
    byte[] old = buckets.get(key).orElse(new byte[0]);
    ByteBuffer grown = ByteBuffer.allocate(old.length + ENTRY_BYTES).put(old).putInt(ordinal);
    code.write(grown);
    buckets.put(key, grown.array());
  }

  private final class Search {
    private final BitCode[] variants;
    private final SortedMap<Integer, Integer> distances = new TreeMap<>();

    Search(BitCode query) {
      this.variants = Dihedral.variants(query);
    }

    void scan(Optional<byte[]> bucket) {
      if (bucket.isEmpty()) {
        return;
      }
      ByteBuffer entries = ByteBuffer.wrap(bucket.get());
      while (entries.hasRemaining()) {
        compare(
            entries.getInt(),
            entries.getLong(),
            entries.getLong(),
            entries.getLong(),
            entries.getLong());
      }
    }

    private void compare(int candidate, long w0, long w1, long w2, long w3) {
      for (BitCode variant : variants) {
        int bits = variant.distance(w0, w1, w2, w3);
        if (bits <= maxDistance) {
          distances.merge(candidate, bits, Math::min);
        }
      }
    }

    List<Match> matches() {
      return distances.entrySet().stream()
          .map(entry -> new Match(entry.getKey(), entry.getValue()))
          .toList();
    }
  }
}
