package io.freshet.dedup.similarity;

import io.freshet.dedup.state.Table;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
 * <p>A new cell goes to the shard of its nearest founder, unless that one has too many already. So
 * what a vector is looked up in lies in few shards, and it visits few.
 *
 * <p>Founders lie in the table with their elements rounded to 8 bits, and are compared as they lie
 * there; all of it is read back after a restart. Heap: 5 bytes a cell, at most {@link
 * CellSettings#cells()} of them; the search holds the elements. Owner: one thread.
 */
public final class CellRouter implements AutoCloseable {
  /** Cells are dealt to this many shards: the most tasks that can share the look-ups. */
  public static final int SHARDS = 8;

  /** Cells by which a shard may exceed the smallest one: so many, and a share of what each has. */
  private static final int LEAST_ROOM = 16;

  private static final double ROOM_SHARE = 0.125;

  private static final int PIN_KEY = -1;
  private static final int LEAST_CAPACITY = 1024;

  /** Founders that are read back at once. */
  private static final int LOADED_TOGETHER = 1024;

  private final Table<Integer, byte[]> founders;
  private final Table<Integer, Integer> arrivals;
  private final CellSettings settings;
  private final FounderSearch search;

  private boolean loaded;
  private String pin;
  private VectorCoder coder;
  private int cells;
  private byte[] shards = {};
  private int[] received = {};
  private final int[] cellsOfShard = new int[SHARDS];

  /** Of the newest cells, which the search doesn't have yet. */
  private final List<float[]> newest = new ArrayList<>();

  /**
   * @param founders by cell; nothing else may use it
   * @param arrivals vectors filed since the cell was last divided, by cell; nothing else may use it
   * @param search without founders; closed with the router
   */
  public CellRouter(
      Table<Integer, byte[]> founders,
      Table<Integer, Integer> arrivals,
      CellSettings settings,
      FounderSearch search) {
    this.founders = founders;
    this.arrivals = arrivals;
    this.settings = settings;
    this.search = search;
  }

  public int cells() {
    return cells;
  }

  /**
   * Fixes the space with the first vector ever, or holds later ones to it. Before each vector.
   *
   * @throws EmbedderChangedException when the cells were founded by vectors of another space
   * @throws IllegalStateException when the founders were written by another version or in another
   *     form
   */
  public void require(String spaceId, int elementsOfVector) {
    if (!loaded) {
      pin = founders.get(PIN_KEY).map(b -> new String(b, StandardCharsets.UTF_8)).orElse(null);
    }
    String expected = spaceId + "\n" + VectorCoder.describe(elementsOfVector);
    if (pin == null) {
      founders.put(PIN_KEY, expected.getBytes(StandardCharsets.UTF_8));
      pin = expected;
    }
    EmbedderChangedException.requireSamePin(pin, expected);
    if (!loaded) {
      load(elementsOfVector);
      coder = new VectorCoder(elementsOfVector);
      loaded = true;
    }
  }

  /**
   * Files vectors one after the other: where each is looked up, and the cell that it goes to from
   * now on. They are compared with the founders together, which is much faster than one by one.
   */
  public List<Route> file(List<float[]> vectors) {
    List<NearestCells> nearest = search.nearest(vectors, settings.probes());
    List<Route> routes = new ArrayList<>(vectors.size());
    for (int i = 0; i < vectors.size(); i++) {
      float[] vector = vectors.get(i);
      NearestCells near = nearest.get(i);
      if (!newest.isEmpty()) {
        near = near.with(amongNewest(vector), settings.probes());
      }
      routes.add(file(vector, near));
    }
    search.add(newest);
    newest.clear();
    return routes;
  }

  private NearestCells amongNewest(float[] vector) {
    float[] cosines = new float[newest.size()];
    for (int i = 0; i < cosines.length; i++) {
      cosines[i] = dot(newest.get(i), vector);
    }
    return new NearestCells(IntStream.range(cells - newest.size(), cells).toArray(), cosines);
  }

  private Route file(float[] vector, NearestCells near) {
    int[] probes = near.within(settings.margin()).cells();
    boolean isCopy = near.size() > 0 && near.cosines()[0] >= settings.copies();
    if (cells < settings.firstCells() && !isCopy) {
      return route(vector, probes, found(vector, shardFor(near)), true, Route.NONE);
    }
    int nearest = probes[0];
    boolean isFull = received[nearest] >= settings.entries();
    if (isFull && !isCopy && cells < settings.cells()) {
      receive(nearest, received[nearest] / 2);
      return route(vector, probes, found(vector, shards[nearest]), true, nearest);
    }
    receive(nearest, received[nearest] + 1);
    return route(vector, probes, nearest, false, Route.NONE);
  }

  /** Where a cell goes whose founder has these neighbours. */
  private int shardFor(NearestCells near) {
    int smallest = 0;
    for (int shard = 1; shard < SHARDS; shard++) {
      if (cellsOfShard[shard] < cellsOfShard[smallest]) {
        smallest = shard;
      }
    }
    if (near.size() == 0) {
      return smallest;
    }
    int nearest = shards[near.cells()[0]];
    double most = cellsOfShard[smallest] + LEAST_ROOM + ROOM_SHARE * cells / SHARDS;
    return cellsOfShard[nearest] < most ? nearest : smallest;
  }

  private Route route(float[] vector, int[] probes, int home, boolean founds, int parent) {
    float[] rotated = coder.rotated(vector);
    return new Route(VectorCode.of(rotated), QueryCode.of(rotated), probes, home, founds, parent);
  }

  /** Looks a vector up without filing it, in all cells. */
  public Route everywhere(float[] vector) {
    return route(vector, IntStream.range(0, cells).toArray(), Route.NONE, false, Route.NONE);
  }

  public int shardOf(int cell) {
    return shards[cell];
  }

  /** Cells by the shard that holds them, in their order. */
  public SortedMap<Integer, int[]> byShard(int[] which) {
    SortedMap<Integer, int[]> byShard = new TreeMap<>();
    for (int cell : which) {
      byShard.merge(shardOf(cell), new int[] {cell}, CellRouter::concatenated);
    }
    return byShard;
  }

  @Override
  public void close() {
    search.close();
  }

  private void receive(int cell, int vectors) {
    received[cell] = vectors;
    arrivals.put(cell, vectors);
  }

  /** The number of a new cell. */
  private int found(float[] vector, int shard) {
    byte[] record = record(vector, shard);
    founders.put(cells, record);
    newest.add(read(record));
    append(shard, 0);
    return cells - 1;
  }

  private void load(int dim) {
    List<float[]> read = new ArrayList<>();
    for (Optional<byte[]> record = founders.get(0);
        record.isPresent();
        record = founders.get(cells)) {
      if (record.get().length != 1 + dim) {
        throw new IllegalStateException(
            "cell %d has a founder of %,d bytes, not %,d: the state was written by another version of Freshet; start with empty state"
                .formatted(cells, record.get().length, 1 + dim));
      }
      read.add(read(record.get()));
      append(record.get()[0], arrivals.get(cells).orElse(0));
      if (read.size() == LOADED_TOGETHER) {
        search.add(read);
        read.clear();
      }
    }
    search.add(read);
  }

  private void append(int shard, int vectors) {
    if (cells == shards.length) {
      int capacity = Math.max(LEAST_CAPACITY, 2 * cells);
      shards = Arrays.copyOf(shards, capacity);
      received = Arrays.copyOf(received, capacity);
    }
    shards[cells] = (byte) shard;
    received[cells] = vectors;
    cellsOfShard[shard]++;
    cells++;
  }

  /** The shard, and the elements. */
  private static byte[] record(float[] founder, int shard) {
    ByteBuffer record = ByteBuffer.allocate(1 + founder.length).put((byte) shard);
    ByteVector.write(founder, record);
    return record.array();
  }

  private static float[] read(byte[] record) {
    return ByteVector.read(record, 1);
  }

  private static float dot(float[] a, float[] b) {
    float sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static int[] concatenated(int[] a, int[] b) {
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
