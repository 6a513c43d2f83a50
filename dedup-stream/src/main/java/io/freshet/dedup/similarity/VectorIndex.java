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

/**
 * The vectors of some cells: finds those whose cosine with a query lies above their bound.
 *
 * <p>Three steps: the cells that the query names, in each the codes whose estimated cosine the
 * bound allows, of these the full vectors. A score is exact to 10^-5. A pair can be missed when the
 * cell of one was not named by the other (docs/adr/0009 has the curves) or, one in a thousand at
 * the bound, when the estimate errs by more than it leaves as room.
 *
 * <p>Layout: a cell is a list of entries of 136 bytes (ordinal, code; where scores are normalised 4
 * more, the vector's excess, so that no vector is read for a bound) with tails of 64, its founder
 * lies beside it; vectors lie one by one under their ordinals, which count up from 0. Forgotten
 * vectors are removed at once, their entries when there is a tail of them. Memory: one cell at a
 * time while it is divided, otherwise a block. Owner: one thread.
 */
public final class VectorIndex {
  private static final int TAIL_ENTRIES = 64;
  private static final long HEAD_KEY = -1;

  /** Founders lie under the keys from here down. */
  private static final long FOUNDER_KEY = -2;

  private static final Comparator<Match> NEAREST_FIRST =
      Comparator.comparing(Match::score).reversed();

  private final Table<Long, byte[]> blocks;
  private final BlockLists cells;
  private final Table<Integer, byte[]> vectors;
  private final Retention retention;
  private final Layout layout;

  /** What an entry holds. */
  public enum Layout {
    /** An ordinal and a code; the excess of all vectors is 0. */
    PLAIN(""),
    /** The vector's excess beside them. */
    WITH_EXCESS(", excess over the background");

    private static final int EXCESS_AT = Integer.BYTES + VectorCode.BYTES;
    private final String pin;

    Layout(String pin) {
      this.pin = pin;
    }

    private int entryBytes() {
      return this == PLAIN ? EXCESS_AT : EXCESS_AT + Float.BYTES;
    }

    private byte[] entry(int ordinal, VectorCode code, float excess) {
      ByteBuffer entry = ByteBuffer.allocate(entryBytes()).putInt(ordinal);
      code.write(entry);
      return this == PLAIN ? entry.array() : entry.putFloat(excess).array();
    }

    private float excess(ByteBuffer entries, int at) {
      return this == PLAIN ? 0 : entries.getFloat(at + EXCESS_AT);
    }
  }

  /**
   * @param blocks where codes live; nothing else may use it
   * @param vectors where vectors live; nothing else may use it
   */
  public VectorIndex(
      Table<Long, byte[]> blocks,
      Table<Integer, byte[]> vectors,
      Retention retention,
      Layout layout) {
    this.blocks = blocks;
    this.cells = new BlockLists(blocks, layout.entryBytes(), TAIL_ENTRIES);
    this.vectors = vectors;
    this.retention = retention;
    this.layout = layout;
  }

  /** An image whose vector is stored, and the score of its cosine with the query. */
  public record Match(String imageId, double score) {}

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
   * @throws StoredOtherwiseException when they were coded otherwise, or with another layout
   */
  public void require(String spaceId, int dim) {
    String expected = spaceId + "\n" + VectorCoder.describe(dim) + layout.pin;
    Optional<byte[]> head = blocks.get(HEAD_KEY);
    if (head.isEmpty()) {
      blocks.put(HEAD_KEY, new Head(0, 0, expected).bytes());
    } else {
      EmbedderChangedException.requireSamePin(Head.read(head.get()).pin(), expected);
    }
  }

  /**
   * The stored vectors above their bounds, the nearest first; of equals the one added first.
   *
   * @param bound that the cosine of a match must exceed
   * @param mostCompared vectors that are read at most, those that are nearest by their codes:
   *     bounds the cost of an image that is stored in very many copies
   */
  public List<Match> matches(Probe probe, CopyBound bound, int mostCompared) {
    Candidates candidates = new Candidates(probe, bound, layout);
    for (int cell : probe.cells()) {
      cells.forEachPart(cell, candidates::scan);
    }
    List<Match> matches = new ArrayList<>();
    for (int candidate : candidates.nearest(mostCompared)) {
      vectors
          .get(candidates.ordinals[candidate])
          .map(StoredVector::new)
          .flatMap(stored -> match(probe, stored, bound, candidates.excesses[candidate]))
          .ifPresent(matches::add);
    }
    matches.sort(NEAREST_FIRST);
    return matches;
  }

  private static Optional<Match> match(
      Probe probe, StoredVector stored, CopyBound bound, float excess) {
    double cosine = stored.dot(probe.vector());
    return cosine > bound.cosine(probe.excess(), excess)
        ? Optional.of(
            new Match(
                stored.imageId(probe.vector().length), bound.score(cosine, probe.excess(), excess)))
        : Optional.empty();
  }

  /**
   * Stores a vector, and forgets what is too old beside it.
   *
   * @param ingestedMicros its image's, microseconds since 1970
   * @param excess of the vector; not kept where the layout has no place for it
   * @return the images whose vectors were forgotten
   */
  public List<String> add(
      String imageId,
      long ingestedMicros,
      int cell,
      float[] vector,
      VectorCode code,
      float excess) {
    Head head = head();
    vectors.put(head.next(), StoredVector.of(imageId, ingestedMicros, vector).bytes());
    int oldest =
        retention.oldestAfter(
            head.oldest(), head.next(), known -> ingestedMicros - vector(known).ingestedMicros());
    List<String> forgotten = new ArrayList<>();
    for (int ordinal = head.oldest(); ordinal < oldest; ordinal++) {
      forgotten.add(vector(ordinal).imageId(vector.length));
      vectors.remove(ordinal);
    }
    blocks.put(HEAD_KEY, new Head(oldest, head.next() + 1, head.pin()).bytes());
    if (oldest > 0) {
      cells.forget(cell, oldest);
    }
    cells.append(cell, layout.entry(head.next(), code, excess));
    return forgotten;
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
    int entryBytes = layout.entryBytes();
    ByteArrayOutputStream stay = new ByteArrayOutputStream();
    ByteArrayOutputStream move = new ByteArrayOutputStream();
    cells.forEachPart(
        parent,
        part -> {
          byte[] entry = new byte[entryBytes];
          for (int at = 0; at < part.limit(); at += entryBytes) {
            int ordinal = part.getInt(at);
            if (ordinal >= oldest) {
              StoredVector vector = vector(ordinal);
              boolean isNearer = vector.dot(founder) > vector.dot(parentFounder);
              part.get(at, entry);
              (isNearer ? move : stay).writeBytes(entry);
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

  /** Entries whose codes a query estimates to be near enough, numbered in the order of the scan. */
  private static final class Candidates {
    private static final double STEPS = 1 << 20;

    private final Probe probe;
    private final CopyBound bound;
    private final Layout layout;
    private final float sum;

    /** The bound of all vectors, and the least estimates that it allows, while they hold. */
    private float sameExcess;

    private double sameBound;
    private double sameLeastCoarse;
    private double sameLeast;

    private int[] ordinals = new int[64];
    private float[] excesses = new float[64];

    /** By estimate: its steps below the bound + 4 in the upper half, the number in the lower. */
    private long[] found = new long[64];

    private int size;

    Candidates(Probe probe, CopyBound bound, Layout layout) {
      this.probe = probe;
      this.bound = bound;
      this.layout = layout;
      this.sum = probe.query().sum();
      setBound(0);
    }

    private void setBound(float excess) {
      sameExcess = excess;
      sameBound = bound.cosine(probe.excess(), excess);
      sameLeastCoarse = VectorCoder.leastCoarseEstimate(sameBound, probe.vector().length);
      sameLeast = VectorCoder.leastEstimate(sameBound, probe.vector().length);
    }

    void scan(ByteBuffer entries) {
      int entryBytes = layout.entryBytes();
      for (int at = 0; at < entries.limit(); at += entryBytes) {
        float excess = layout.excess(entries, at);
        if (excess != sameExcess) {
          setBound(excess);
        }
        int code = at + Integer.BYTES;
        if (probe.query().coarseEstimate(sum, entries, code) >= sameLeastCoarse) {
          float estimate = probe.query().estimate(sum, entries, code);
          if (estimate >= sameLeast) {
            add(estimate - sameBound, entries.getInt(at), excess);
          }
        }
      }
    }

    private void add(double above, int ordinal, float excess) {
      if (size == found.length) {
        found = Arrays.copyOf(found, 2 * size);
        ordinals = Arrays.copyOf(ordinals, 2 * size);
        excesses = Arrays.copyOf(excesses, 2 * size);
      }
      ordinals[size] = ordinal;
      excesses[size] = excess;
      found[size] = Math.round(Math.max(0, 4 - above) * STEPS) << 32 | size;
      size++;
    }

    /** Numbers, in the order in which the vectors were stored. */
    int[] nearest(int most) {
      Arrays.sort(found, 0, size);
      return Arrays.stream(found, 0, Math.min(size, most))
          .map(key -> (long) ordinals[(int) key] << 32 | (int) key)
          .sorted()
          .mapToInt(key -> (int) key)
          .toArray();
    }
  }
}
