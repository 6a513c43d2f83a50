package io.freshet.dedup.similarity;

import io.freshet.dedup.state.BlockLists;
import io.freshet.dedup.state.Retention;
import io.freshet.dedup.state.Table;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The vectors of some cells: finds those whose cosine with a query lies above a threshold.
 *
 * <p>Three steps: the cells that the query names, in each the codes whose estimated cosine the
 * threshold allows, of these the full vectors. A score is exact to 10^-5. A pair can be missed when
 * the cell of one was not named by the other (docs/adr/0009 has the curves) or, one in a thousand
 * at the threshold, when the estimate errs by more than it leaves as room.
 *
 * <p>Layout: a cell is a list of entries of 136 bytes (ordinal, code) in blocks of 64, its founder
 * lies beside it; vectors lie one by one under their ordinals, which count up from 0. Forgotten
 * vectors are removed at once, their entries when the block is written again. Memory: one cell at a
 * time while it is divided, otherwise a block. Owner: one thread.
 */
public final class VectorIndex {
  private static final int ENTRY_BYTES = Integer.BYTES + VectorCode.BYTES;
  private static final int BLOCK_ENTRIES = 64;
  private static final long HEAD_KEY = -1;

  /** Founders lie under the keys from here down. */
  private static final long FOUNDER_KEY = -2;

  private static final Comparator<Match> NEAREST_FIRST =
      Comparator.comparing(Match::cosine).reversed();

  private final Table<Long, byte[]> blocks;
  private final BlockLists cells;
  private final Table<Integer, byte[]> vectors;
  private final Retention retention;

  /**
   * @param blocks where codes live; nothing else may use it
   * @param vectors where vectors live; nothing else may use it
   */
  public VectorIndex(
      Table<Long, byte[]> blocks, Table<Integer, byte[]> vectors, Retention retention) {
    this.blocks = blocks;
    this.cells = new BlockLists(blocks, ENTRY_BYTES, BLOCK_ENTRIES);
    this.vectors = vectors;
    this.retention = retention;
  }

  /** An image whose vector is stored, and its cosine with the query. */
  public record Match(String imageId, double cosine) {}

  /**
   * @param oldest ordinal that is still stored
   * @param next ordinal
   * @param pin what all vectors have in common
   */
  private record Head(int oldest, int next, String pin) {
    static Head read(byte[] bytes) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      int oldest = buffer.getInt();
      int next = buffer.getInt();
      return new Head(oldest, next, new String(bytes, 8, bytes.length - 8, StandardCharsets.UTF_8));
    }

    byte[] bytes() {
      byte[] text = pin.getBytes(StandardCharsets.UTF_8);
      return ByteBuffer.allocate(8 + text.length).putInt(oldest).putInt(next).put(text).array();
    }
  }

  /**
   * Fixes the space with the first vector ever, or holds later ones to what was fixed. Before
   * everything else.
   *
   * @throws EmbedderChangedException when the index holds vectors of another space
   * @throws IllegalStateException when they were coded otherwise
   */
  public void require(String spaceId, int dim) {
    String expected = spaceId + "\n" + VectorCoder.describe(dim);
    Optional<byte[]> head = blocks.get(HEAD_KEY);
    if (head.isEmpty()) {
      blocks.put(HEAD_KEY, new Head(0, 0, expected).bytes());
    } else {
      EmbedderChangedException.requireSamePin(Head.read(head.get()).pin(), expected);
    }
  }

  /**
   * The stored vectors above the threshold, the nearest first; of equals the one added first.
   *
   * @param threshold cosine that a match must exceed
   * @param mostCompared vectors that are read at most, those that are nearest by their codes:
   *     bounds the cost of an image that is stored in very many copies
   */
  public List<Match> matches(Probe probe, double threshold, int mostCompared) {
    Candidates candidates =
        new Candidates(probe.query(), VectorCoder.leastEstimate(threshold, probe.vector().length));
    for (int cell : probe.cells()) {
      cells.forEachBlock(cell, candidates::scan);
    }
    List<Match> matches = new ArrayList<>();
    for (int ordinal : candidates.nearest(mostCompared)) {
      vectors
          .get(ordinal)
          .map(bytes -> match(probe.vector(), new StoredVector(bytes)))
          .filter(match -> match.cosine() > threshold)
          .ifPresent(matches::add);
    }
    matches.sort(NEAREST_FIRST);
    return matches;
  }

  private static Match match(float[] query, StoredVector stored) {
    return new Match(stored.imageId(query.length), stored.dot(query));
  }

  /**
   * Stores a vector, and forgets what is too old beside it.
   *
   * @param ingestedMicros its image's, microseconds since 1970
   * @return how many were forgotten
   */
  public int add(String imageId, long ingestedMicros, int cell, float[] vector, VectorCode code) {
    Head head = head();
    vectors.put(head.next(), StoredVector.of(imageId, ingestedMicros, vector).bytes());
    int oldest =
        retention.oldestAfter(
            head.oldest(), head.next(), known -> ingestedMicros - vector(known).ingestedMicros());
    IntStream.range(head.oldest(), oldest).forEach(vectors::remove);
    blocks.put(HEAD_KEY, new Head(oldest, head.next() + 1, head.pin()).bytes());
    if (oldest > 0) {
      cells.forget(cell, oldest);
    }
    cells.append(cell, entry(head.next(), code));
    return oldest - head.oldest();
  }

  /**
   * A vector, which is added next, founds a cell; what is nearer to it than to the founder of
   * {@code parent} moves there.
   *
   * @param parent the cell that it divides, or {@link Route#NONE}
   */
  public void found(int cell, int parent, float[] vector) {
    byte[] founder = StoredVector.of("", 0, vector).bytes();
    blocks.put(FOUNDER_KEY - cell, founder);
    if (parent != Route.NONE) {
      StoredVector before = new StoredVector(blocks.get(FOUNDER_KEY - parent).orElseThrow());
      divide(parent, before.elements(vector.length), cell, vector);
    }
  }

  private void divide(int parent, float[] parentFounder, int cell, float[] founder) {
    int oldest = head().oldest();
    ByteArrayOutputStream stay = new ByteArrayOutputStream();
    ByteArrayOutputStream move = new ByteArrayOutputStream();
    cells.forEachBlock(
        parent,
        block -> {
          for (int at = 0; at < block.length; at += ENTRY_BYTES) {
            int ordinal = ordinal(block, at);
            if (ordinal >= oldest) {
              StoredVector vector = vector(ordinal);
              boolean isNearer = vector.dot(founder) > vector.dot(parentFounder);
              (isNearer ? move : stay).write(block, at, ENTRY_BYTES);
            }
          }
        });
    cells.replace(parent, stay.toByteArray());
    cells.replace(cell, move.toByteArray());
  }

  private Head head() {
    return Head.read(blocks.get(HEAD_KEY).orElseThrow());
  }

  private StoredVector vector(int ordinal) {
    return new StoredVector(vectors.get(ordinal).orElseThrow());
  }

  private static byte[] entry(int ordinal, VectorCode code) {
    ByteBuffer entry = ByteBuffer.allocate(ENTRY_BYTES).putInt(ordinal);
    code.write(entry);
    return entry.array();
  }

  private static int ordinal(byte[] block, int at) {
    return ByteBuffer.wrap(block).getInt(at);
  }

  /** Ordinals of codes that a query estimates to be near enough. */
  private static final class Candidates {
    private static final float STEPS = 1 << 20;

    private final QueryCode query;
    private final float sum;
    private final double least;

    /** By estimate: its steps below 1 in the upper half, the ordinal in the lower. */
    private long[] found = new long[64];

    private int size;

    Candidates(QueryCode query, double least) {
      this.query = query;
      this.sum = query.sum();
      this.least = least;
    }

    void scan(byte[] block) {
      ByteBuffer entries = ByteBuffer.wrap(block);
      for (int at = 0; at < block.length; at += ENTRY_BYTES) {
        float estimate = query.estimate(sum, entries, at + Integer.BYTES);
        if (estimate >= least) {
          add(estimate, entries.getInt(at));
        }
      }
    }

    private void add(float estimate, int ordinal) {
      if (size == found.length) {
        found = Arrays.copyOf(found, 2 * size);
      }
      found[size++] = (long) Math.round((1 - estimate) * STEPS) << 32 | ordinal;
    }

    /** In the order in which they were stored. */
    int[] nearest(int most) {
      Arrays.sort(found, 0, size);
      int[] ordinals =
          Arrays.stream(found, 0, Math.min(size, most)).mapToInt(i -> (int) i).toArray();
      Arrays.sort(ordinals);
      return ordinals;
    }
  }
}
