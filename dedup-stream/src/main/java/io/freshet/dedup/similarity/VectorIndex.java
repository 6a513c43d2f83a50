package io.freshet.dedup.similarity;

import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.state.ImageIds;
import io.freshet.dedup.state.Table;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The vectors of some cells: finds those whose cosine with a query lies above a threshold.
 *
 * <p>Three steps: the cells that the query probes, in each the sketches within the Hamming distance
 * that the threshold allows, of these the full vectors. A score is exact. A pair can be missed when
 * its two vectors fall on different sides of a projection that neither was close to, or (three in a
 * million) when the sketches differ by more than the bound; with {@code cellBits = 0} only the
 * latter remains. What that costs is measured against an exhaustive search by {@code
 * VectorIndexRecallTest}.
 *
 * <p>Layout: sketches in blocks of up to 256 entries of 36 bytes, vectors as float32 one by one.
 * Memory: one block at a time. Owner: one thread.
 */
public final class VectorIndex {
  private static final int ENTRY_BYTES = Integer.BYTES + BitCode.BYTES;
  private static final int BLOCK_ENTRIES = 256;
  private static final long PIN_KEY = -1;
  private static final Comparator<Match> NEAREST_FIRST =
      Comparator.comparing(Match::cosine).reversed();

  private final Table<Long, byte[]> blocks;
  private final Table<Integer, byte[]> vectors;
  private final ImageIds imageIds;
  private final CellLayout layout;

  /**
   * @param blocks where sketches live; nothing else may use it
   * @param vectors where vectors live; nothing else may use it
   * @param imageIds names the vectors; nothing else may use it
   */
  public VectorIndex(
      Table<Long, byte[]> blocks,
      Table<Integer, byte[]> vectors,
      ImageIds imageIds,
      CellLayout layout) {
    this.blocks = blocks;
    this.vectors = vectors;
    this.imageIds = imageIds;
    this.layout = layout;
  }

  /** An image whose vector is stored, and its cosine with the query. */
  public record Match(String imageId, double cosine) {}

  /**
   * Fixes space and layout with the first vector ever, or holds later ones to what was fixed.
   *
   * @throws EmbedderChangedException when the index holds vectors of another space
   * @throws IllegalStateException when they were filed by another layout
   */
  public void require(String spaceId, int dim) {
    String expected = layout.describe(dim);
    Optional<byte[]> pinned = blocks.get(PIN_KEY);
    if (pinned.isEmpty()) {
      blocks.put(PIN_KEY, (spaceId + "\n" + expected).getBytes(StandardCharsets.UTF_8));
      return;
    }
    String[] lines = new String(pinned.get(), StandardCharsets.UTF_8).split("\n", 2);
    EmbedderChangedException.requireSame(lines[0], spaceId);
    if (!lines[1].equals(expected)) {
      throw new IllegalStateException(
          ("the stored vectors were filed with %s, but the job would look for %s; set"
                  + " dedup.embedding back, or start with empty state")
              .formatted(lines[1], expected));
    }
  }

  /**
   * The stored vectors above the threshold, the nearest first; of equals the one added first.
   *
   * @param threshold cosine that a match must exceed
   */
  public List<Match> matches(Probe probe, double threshold) {
    List<Match> matches = new ArrayList<>();
    for (int cell : probe.cells()) {
      int entries = entries(cell);
      for (int block = 0; block * BLOCK_ENTRIES < entries; block++) {
        scan(probe, threshold, blocks.get(blockKey(cell, block)).orElseThrow(), matches);
      }
    }
    matches.sort(NEAREST_FIRST);
    return matches;
  }

  /** Stores a vector in its home cell. */
  public void add(String imageId, Probe probe) {
    int ordinal = imageIds.add(imageId);
    int cell = probe.home();
    int entries = entries(cell);
    long key = blockKey(cell, entries / BLOCK_ENTRIES);
    byte[] old = entries % BLOCK_ENTRIES == 0 ? new byte[0] : blocks.get(key).orElseThrow();
    ByteBuffer grown = ByteBuffer.allocate(old.length + ENTRY_BYTES).put(old).putInt(ordinal);
    probe.code().write(grown);
    blocks.put(key, grown.array());
    putInt(cellKey(cell), entries + 1);
    vectors.put(ordinal, toBytes(probe.vector()));
  }

  private void scan(Probe probe, double threshold, byte[] block, List<Match> matches) {
    int maxDistance = SignSketch.largestDistance(threshold);
    ByteBuffer entries = ByteBuffer.wrap(block);
    while (entries.hasRemaining()) {
      int ordinal = entries.getInt();
      int distance =
          probe
              .code()
              .distance(entries.getLong(), entries.getLong(), entries.getLong(), entries.getLong());
      if (distance <= maxDistance) {
        double cosine = dot(probe.vector(), vectors.get(ordinal).orElseThrow());
        if (cosine > threshold) {
          matches.add(new Match(imageIds.get(ordinal), cosine));
        }
      }
    }
  }

  private static double dot(float[] vector, byte[] stored) {
    ByteBuffer other = ByteBuffer.wrap(stored).order(ByteOrder.LITTLE_ENDIAN);
    double sum = 0;
    for (float element : vector) {
      sum += (double) element * other.getFloat();
    }
    return sum;
  }

  private static byte[] toBytes(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return bytes.array();
  }

  private int entries(int cell) {
    return getInt(cellKey(cell));
  }

  /** Cell number in the upper half, so a cell's header and blocks sort together. */
  private static long cellKey(int cell) {
    return (long) cell << 32;
  }

  private static long blockKey(int cell, int block) {
    return cellKey(cell) | block + 1L;
  }

  private int getInt(long key) {
    return blocks.get(key).map(bytes -> ByteBuffer.wrap(bytes).getInt()).orElse(0);
  }

  private void putInt(long key, int value) {
    blocks.put(key, ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
  }
}
