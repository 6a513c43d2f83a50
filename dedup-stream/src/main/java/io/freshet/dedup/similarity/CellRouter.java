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
 * <p>The first vectors found cells without a parent, and a vector is compared with all of those,
 * then with the founders that descend from the nearest of them. So the cost of finding the nearest
 * stays where it is when cells are divided.
 *
 * <p>A new cell goes to the shard of its nearest founder, unless that one has too many already. So
 * what a vector is looked up in lies in few shards, and it visits few.
 *
 * <p>Founders lie in the table with their elements rounded to 8 bits, and are compared as they lie
 * there; all of it is read back after a restart. Heap: some 30 bytes a cell, at most {@link
 * CellSettings#cells()} of them; the elements lie outside. Owner: one thread.
 */
public final class CellRouter implements AutoCloseable {
  /** Cells are dealt to this many shards: the most tasks that can share the look-ups. */
  public static final int SHARDS = 8;

  /** Cells by which a shard may exceed the smallest one: so many, and a share of what each has. */
  private static final int LEAST_ROOM = 16;

  private static final double ROOM_SHARE = 0.125;

  /** First cells whose descendants are compared, for each cell that may be looked up. */
  private static final int FIRST_PER_PROBE = 2;

  /** Of a founder: the shard, and the first cell that it descends from. */
  private static final int HEADER_BYTES = 1 + Integer.BYTES;

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

  /** The cell without a parent that a cell descends from, itself where it has none. */
  private int[] firstOf = {};

  /** The cells without a parent, as the search numbers them. */
  private int[] first = {};

  private int firsts;
  private DividedFounders divided;
  private final int[] cellsOfShard = new int[SHARDS];

  /** Of the newest cells without a parent, which the search doesn't have yet. */
  private final List<float[]> newest = new ArrayList<>();

  /**
   * @param founders by cell; nothing else may use it
   * @param arrivals vectors filed since the cell was last divided, by cell; nothing else may use it
   * @param search of cells without a parent, empty; closed with the router
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
      divided = new DividedFounders(elementsOfVector);
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
    int most = FIRST_PER_PROBE * settings.probes();
    List<NearestCells> nearest = search.nearest(vectors, most);
    List<Route> routes = new ArrayList<>(vectors.size());
    for (int i = 0; i < vectors.size(); i++) {
      float[] vector = vectors.get(i);
      NearestCells near = nearest.get(i).with(amongNewest(vector), most).ofNumbers(first);
      int[] parents = near.within(settings.margin()).cells();
      routes.add(file(vector, near.with(divided.under(parents, vector), settings.probes())));
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
    return new NearestCells(IntStream.range(firsts - newest.size(), firsts).toArray(), cosines);
  }

  private Route file(float[] vector, NearestCells near) {
    int[] probes = near.within(settings.margin()).cells();
    boolean isCopy = near.size() > 0 && near.cosines()[0] >= settings.copies();
    if (cells < settings.firstCells() && !isCopy) {
      return route(vector, probes, found(vector, shardFor(near), Route.NONE), true, Route.NONE);
    }
    int nearest = probes[0];
    boolean isFull = received[nearest] >= settings.entries();
    if (isFull && !isCopy && cells < settings.cells()) {
      receive(nearest, received[nearest] / 2);
      return route(vector, probes, found(vector, shards[nearest], nearest), true, nearest);
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
  private int found(float[] vector, int shard, int parent) {
    int descendsFrom = parent == Route.NONE ? cells : firstOf[parent];
    ByteBuffer record =
        ByteBuffer.allocate(HEADER_BYTES + vector.length).put((byte) shard).putInt(descendsFrom);
    ByteVector.write(vector, record);
    founders.put(cells, record.array());
    append(record.flip(), 0).ifPresent(newest::add);
    return cells - 1;
  }

  private void load(int dim) {
    List<float[]> read = new ArrayList<>();
    for (Optional<byte[]> record = founders.get(0);
        record.isPresent();
        record = founders.get(cells)) {
      if (record.get().length != HEADER_BYTES + dim) {
        throw new IllegalStateException(
            "cell %d has a founder of %,d bytes, not %,d: the state was written by another version of Freshet; start with empty state"
                .formatted(cells, record.get().length, HEADER_BYTES + dim));
      }
      append(ByteBuffer.wrap(record.get()), arrivals.get(cells).orElse(0)).ifPresent(read::add);
      if (read.size() == LOADED_TOGETHER) {
        search.add(read);
        read.clear();
      }
    }
    search.add(read);
  }

  /**
   * The next cell.
   *
   * @return what the search is to have, the founder's elements if the cell has no parent
   */
  private Optional<float[]> append(ByteBuffer record, int vectors) {
    if (cells == shards.length) {
      int capacity = Math.max(LEAST_CAPACITY, 2 * cells);
      shards = Arrays.copyOf(shards, capacity);
      received = Arrays.copyOf(received, capacity);
      firstOf = Arrays.copyOf(firstOf, capacity);
    }
    shards[cells] = record.get();
    received[cells] = vectors;
    firstOf[cells] = record.getInt();
    cellsOfShard[shards[cells]]++;
    int cell = cells++;
    if (firstOf[cell] != cell) {
      divided.add(firstOf[cell], cell, record);
      return Optional.empty();
    }
    if (firsts == first.length) {
      first = Arrays.copyOf(first, Math.max(LEAST_CAPACITY, 2 * firsts));
    }
    first[firsts++] = cell;
    byte[] elements = new byte[record.remaining()];
    record.get(elements);
    return Optional.of(ByteVector.read(elements, 0));
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
