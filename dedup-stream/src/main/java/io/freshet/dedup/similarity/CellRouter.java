package io.freshet.dedup.similarity;

import io.freshet.dedup.state.Table;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Which cells there are, in which a vector is filed and looked up, and which shard holds a cell.
 *
 * <p>A cell is all vectors that are nearer to its founder, a vector that was filed, than to other
 * founders. A cell that has received half of what it should hold since it was last divided is
 * divided by the next vector that comes to it: that one founds a cell in the same shard, which gets
 * the entries that are nearer to it. So cells follow the density of what is stored, and what a
 * look-up reads does not grow with it. The division travels with the founder's own visit to the
 * shard, so whoever comes later finds it done.
 *
 * <p>The nearest founders are found in two steps: the nearest by sketch, and of these the nearest
 * by cosine with the founders' elements, rounded to 8 bits.
 *
 * <p>Heap: {@code dim + 78} bytes a cell, at most {@link CellSettings#cells()} of them; all of it
 * is read back from the tables after a restart. Owner: one thread.
 */
public final class CellRouter {
  /** Cells are dealt to this many shards: the most tasks that can share the look-ups. */
  public static final int SHARDS = 8;

  private static final int PIN_KEY = -1;

  private static final int CHUNK_CELLS = 1024;

  /** Founders whose cosine is taken: this many, or more where more cells are looked up. */
  private static final int LEAST_COMPARED = 1024;

  private static final int COMPARED_PER_PROBE = 16;

  /** What a query's elements are multiplied by, so that a product with a founder fits an int. */
  private static final float QUERY_SCALE = 1 << 13;

  /** Cosines are told apart to this many steps. */
  private static final int COSINE_STEPS = 1 << 12;

  private final Table<Integer, byte[]> founders;
  private final Table<Integer, Integer> arrivals;
  private final CellSettings settings;

  private boolean loaded;
  private String pin;
  private int dim;
  private SignSketch sketch;
  private int cells;

  /** By chunks of 1024 cells. */
  private byte[][] elements = {};

  private long[] codes = {};
  private float[] norms = {};
  private int[] shards = {};
  private int[] received = {};
  private short[] distances = {};

  /**
   * @param founders by cell; nothing else may use it
   * @param arrivals vectors filed since the cell was last divided, by cell; nothing else may use it
   */
  public CellRouter(
      Table<Integer, byte[]> founders, Table<Integer, Integer> arrivals, CellSettings settings) {
    this.founders = founders;
    this.arrivals = arrivals;
    this.settings = settings;
  }

  public int cells() {
    return cells;
  }

  /**
   * Fixes the space with the first vector ever, or holds later ones to it. Before each vector.
   *
   * @throws EmbedderChangedException when the cells were founded by vectors of another space
   */
  public void require(String spaceId, int elementsOfVector) {
    if (!loaded) {
      load();
    }
    String expected = spaceId + "\n" + SignSketch.describe(elementsOfVector);
    if (pin == null) {
      founders.put(PIN_KEY, expected.getBytes(StandardCharsets.UTF_8));
      pin = expected;
    }
    EmbedderChangedException.requireSamePin(pin, expected);
    if (sketch == null) {
      dim = elementsOfVector;
      sketch = new SignSketch(dim);
    }
  }

  /** Files a vector: where it is looked up, and the cell that it goes to from now on. */
  public Route file(float[] vector) {
    long[] code = SignSketch.code(sketch.project(vector));
    long[] ranked = ranked(vector, code);
    int[] probes = Arrays.stream(ranked).mapToInt(cell -> (int) cell).toArray();
    boolean isCopy = ranked.length > 0 && cosine(ranked[0]) >= settings.copies();
    if (cells < settings.firstCells() && !isCopy) {
      return new Route(code, probes, found(vector, code, cells % SHARDS), true, Route.NONE);
    }
    int nearest = probes[0];
    boolean isFull = received[nearest] >= settings.entries();
    if (isFull && !isCopy && cells < settings.cells()) {
      receive(nearest, received[nearest] / 2);
      return new Route(code, probes, found(vector, code, shards[nearest]), true, nearest);
    }
    receive(nearest, received[nearest] + 1);
    return new Route(code, probes, nearest, false, Route.NONE);
  }

  /** Looks a vector up without filing it, in all cells. */
  public Route everywhere(float[] vector) {
    long[] code = SignSketch.code(sketch.project(vector));
    return new Route(code, IntStream.range(0, cells).toArray(), Route.NONE, false, Route.NONE);
  }

  public int shardOf(int cell) {
    return shards[cell];
  }

  /** Cells by the shard that holds them, in their order. */
  public SortedMap<Integer, int[]> byShard(int[] which) {
    SortedMap<Integer, int[]> byShard = new TreeMap<>();
    for (int cell : which) {
      byShard.merge(shards[cell], new int[] {cell}, CellRouter::concatenated);
    }
    return byShard;
  }

  /** The cells that are looked up, the nearest first, each packed behind its cosine. */
  private long[] ranked(float[] vector, long[] code) {
    int[] compared = compared(code);
    int[] query = scaled(vector);
    int[] steps = new int[compared.length];
    int[] cellsAt = new int[2 * COSINE_STEPS + 1];
    for (int i = 0; i < compared.length; i++) {
      float cosine = product(query, compared[i]) / (QUERY_SCALE * norms[compared[i]]);
      int step = Math.round(cosine * COSINE_STEPS);
      steps[i] = Math.max(-COSINE_STEPS, Math.min(COSINE_STEPS, step));
      cellsAt[COSINE_STEPS + steps[i]]++;
    }
    int most = Math.min(compared.length, settings.probes());
    int bound = COSINE_STEPS;
    int within = cellsAt[2 * COSINE_STEPS];
    while (within < most) {
      bound--;
      within += cellsAt[COSINE_STEPS + bound];
    }
    long[] nearest = new long[within];
    int found = 0;
    for (int i = 0; found < within; i++) {
      if (steps[i] >= bound) {
        nearest[found++] = (long) -steps[i] << 32 | compared[i];
      }
    }
    Arrays.sort(nearest);
    return Arrays.copyOf(nearest, most);
  }

  private static float cosine(long ranked) {
    return -(float) (ranked >> 32) / COSINE_STEPS;
  }

  /** The cells whose founders are nearest by sketch, in no set order. */
  private int[] compared(long[] code) {
    long most = Math.max(LEAST_COMPARED, (long) COMPARED_PER_PROBE * settings.probes());
    if (cells <= most) {
      return IntStream.range(0, cells).toArray();
    }
    int[] cellsAt = new int[SignSketch.BITS + 1];
    for (int cell = 0; cell < cells; cell++) {
      int distance = SignSketch.distance(code, codes, cell * SignSketch.LONGS);
      distances[cell] = (short) distance;
      cellsAt[distance]++;
    }
    int bound = 0;
    int within = cellsAt[0];
    while (within + cellsAt[bound + 1] <= most) {
      within += cellsAt[++bound];
    }
    int[] nearest = new int[within];
    int found = 0;
    for (int cell = 0; found < within; cell++) {
      if (distances[cell] <= bound) {
        nearest[found++] = cell;
      }
    }
    return nearest;
  }

  private static int[] scaled(float[] vector) {
    int[] scaled = new int[vector.length];
    for (int i = 0; i < vector.length; i++) {
      scaled[i] = Math.round(vector[i] * QUERY_SCALE);
    }
    return scaled;
  }

  private int product(int[] query, int cell) {
    byte[] chunk = elements[cell / CHUNK_CELLS];
    int from = cell % CHUNK_CELLS * dim;
    int even = 0;
    int odd = 0;
    int i = 0;
    for (; i + 1 < dim; i += 2) {
      even += query[i] * chunk[from + i];
      odd += query[i + 1] * chunk[from + i + 1];
    }
    return i < dim ? even + odd + query[i] * chunk[from + i] : even + odd;
  }

  private void receive(int cell, int vectors) {
    received[cell] = vectors;
    arrivals.put(cell, vectors);
  }

  /** The number of a new cell. */
  private int found(float[] vector, long[] code, int shard) {
    float largest = Float.MIN_NORMAL;
    for (float element : vector) {
      largest = Math.max(largest, Math.abs(element));
    }
    ByteBuffer record = ByteBuffer.allocate(1 + SignSketch.BYTES + dim).put((byte) shard);
    for (long word : code) {
      record.putLong(word);
    }
    for (float element : vector) {
      record.put((byte) Math.round(element / largest * Byte.MAX_VALUE));
    }
    founders.put(cells, record.array());
    append(record.array());
    return cells - 1;
  }

  private void load() {
    loaded = true;
    pin =
        founders.get(PIN_KEY).map(bytes -> new String(bytes, StandardCharsets.UTF_8)).orElse(null);
    for (Optional<byte[]> record = founders.get(0);
        record.isPresent();
        record = founders.get(cells)) {
      dim = record.get().length - 1 - SignSketch.BYTES;
      append(record.get());
      received[cells - 1] = arrivals.get(cells - 1).orElse(0);
    }
    if (cells > 0) {
      sketch = new SignSketch(dim);
    }
  }

  /** Of a record of the shard, the sketch and the elements in 8 bits. */
  private void append(byte[] record) {
    int chunk = cells / CHUNK_CELLS;
    if (chunk == elements.length) {
      makeRoom();
    }
    ByteBuffer bytes = ByteBuffer.wrap(record);
    shards[cells] = bytes.get();
    for (int word = 0; word < SignSketch.LONGS; word++) {
      codes[cells * SignSketch.LONGS + word] = bytes.getLong();
    }
    bytes.get(elements[chunk], cells % CHUNK_CELLS * dim, dim);
    long squares = 1;
    for (int i = 1 + SignSketch.BYTES; i < record.length; i++) {
      squares += record[i] * record[i];
    }
    norms[cells] = (float) Math.sqrt((double) squares);
    cells++;
  }

  private void makeRoom() {
    int chunks = elements.length + 1;
    int capacity = chunks * CHUNK_CELLS;
    elements = Arrays.copyOf(elements, chunks);
    elements[chunks - 1] = new byte[CHUNK_CELLS * dim];
    codes = Arrays.copyOf(codes, capacity * SignSketch.LONGS);
    norms = Arrays.copyOf(norms, capacity);
    shards = Arrays.copyOf(shards, capacity);
    received = Arrays.copyOf(received, capacity);
    distances = new short[capacity];
  }

  private static int[] concatenated(int[] a, int[] b) {
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
