package io.freshet.dedup.similarity;

import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.state.Table;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Finds the stored vectors whose cosine lies above a threshold.
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
      Comparator.comparing(Match::cosine).reversed().thenComparing(Match::ordinal);

  private final Table<Long, byte[]> blocks;
  private final Table<Integer, byte[]> vectors;
  private final CellProbes cells;
  private final double threshold;
  private final int maxDistance;
  private Optional<Space> space = Optional.empty();

  /** What the first vector fixed for good. */
  private record Space(String id, SignSketch sketch) {}

  /**
   * @param blocks where sketches live; nothing else may use it
   * @param vectors where vectors live; nothing else may use it
   * @param threshold cosine that a match must exceed
   * @param cellBits 2^cellBits cells, see {@link CellProbes}
   * @param probeBits 2^probeBits cells are looked up
   */
  public VectorIndex(
      Table<Long, byte[]> blocks,
      Table<Integer, byte[]> vectors,
      double threshold,
      int cellBits,
      int probeBits) {
    this.blocks = blocks;
    this.vectors = vectors;
    this.cells = new CellProbes(cellBits, probeBits);
    this.threshold = threshold;
    this.maxDistance = SignSketch.largestDistance(threshold);
  }

  /** A stored vector and its cosine with the query. */
  public record Match(int ordinal, double cosine) {}

  /** A vector with what the index derives from it, so that looking up and adding share the work. */
  public static final class Probe {
    private final float[] vector;
    private final float[] projections;
    private final BitCode code;

    private Probe(SignSketch sketch, float[] vector) {
      this.vector = vector;
      this.projections = sketch.project(vector);
      this.code = SignSketch.code(projections);
    }
  }

  /**
   * @param spaceId the space of the vector
   * @param vector of unit length
   * @throws EmbedderChangedException when the index holds vectors of another space
   */
  public Probe probe(String spaceId, float[] vector) {
    if (space.isEmpty()) {
      pin(spaceId, vector.length);
      space = Optional.of(new Space(spaceId, new SignSketch(vector.length)));
    }
    EmbedderChangedException.requireSame(space.get().id(), spaceId);
    return new Probe(space.get().sketch(), vector);
  }

  /** Fixes the space and the layout with the first vector ever, or holds them to what was fixed. */
  private void pin(String spaceId, int dim) {
    String layout =
        "dim %d, sketch version %d, %d cell bits"
            .formatted(dim, SignSketch.VERSION, cells.cellBits());
    Optional<byte[]> pinned = blocks.get(PIN_KEY);
    if (pinned.isEmpty()) {
      blocks.put(PIN_KEY, (spaceId + "\n" + layout).getBytes(StandardCharsets.UTF_8));
      return;
    }
    String[] lines = new String(pinned.get(), StandardCharsets.UTF_8).split("\n", 2);
    EmbedderChangedException.requireSame(lines[0], spaceId);
    if (!lines[1].equals(layout)) {
      throw new IllegalStateException(
          ("the stored vectors were filed with %s, but the job would look for %s; set"
                  + " dedup.embedding back, or start with empty state")
              .formatted(lines[1], layout));
    }
  }

  /** The stored vectors above the threshold, the nearest first; of equals the one added first. */
  public List<Match> matches(Probe probe) {
    List<Match> matches = new ArrayList<>();
    for (int cell : cells.probes(probe.projections)) {
      int entries = entries(cell);
      for (int block = 0; block * BLOCK_ENTRIES < entries; block++) {
        scan(probe, blocks.get(blockKey(cell, block)).orElseThrow(), matches);
      }
    }
    matches.sort(NEAREST_FIRST);
    return matches;
  }

  /**
   * Stores a vector.
   *
   * @param ordinal the image's; each higher than those before
   */
  public void add(int ordinal, Probe probe) {
    int cell = cells.home(probe.projections);
    int entries = entries(cell);
    long key = blockKey(cell, entries / BLOCK_ENTRIES);
    byte[] old = entries % BLOCK_ENTRIES == 0 ? new byte[0] : blocks.get(key).orElseThrow();
    ByteBuffer grown = ByteBuffer.allocate(old.length + ENTRY_BYTES).put(old).putInt(ordinal);
    probe.code.write(grown);
    blocks.put(key, grown.array());
    putInt(cellKey(cell), entries + 1);
    vectors.put(ordinal, toBytes(probe.vector));
  }

  private void scan(Probe probe, byte[] block, List<Match> matches) {
    ByteBuffer entries = ByteBuffer.wrap(block);
    while (entries.hasRemaining()) {
      int ordinal = entries.getInt();
      int distance =
          probe.code.distance(
              entries.getLong(), entries.getLong(), entries.getLong(), entries.getLong());
      if (distance <= maxDistance) {
        double cosine = dot(probe.vector, vectors.get(ordinal).orElseThrow());
        if (cosine > threshold) {
          matches.add(new Match(ordinal, cosine));
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
