package io.freshet.dedup.similarity;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Processor;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchObject;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * All founders by one matrix product a batch, in libtorch on the CPU, which misses none: in
 * bfloat16 where the processor has matrix units for it, else in integers of 8 bits but for the
 * newest, which are packed for it a few at a time and multiplied in float32 until then. Cosines are
 * right to about 0.002, of vectors that are almost one element alone to 0.01.
 *
 * <p>Memory, outside the heap: 2 bytes an element of a founder, or 5, with room for up to twice as
 * many as there are; while the room is doubled or founders are packed, half as much again.
 */
public final class TorchFounderSearch implements FounderSearch {
  private static final int FIRST_ROOM = 1024;

  /** Packing costs some 2 us a founder, and reads all of them. */
  private static final int LEAST_TO_PACK = 1024;

  private static final int SHARE_TO_PACK = 8;

  /** So many searches after the last founder came it is worth while for a few as well. */
  private static final int SEARCHES_BEFORE_PACKING = 64;

  private final TorchScriptLibrary library;
  private final NDManager manager;
  private final Precision precision;
  private NDArray all;
  private int room;
  private int size;
  private TorchObject packed;
  private int packedSize;
  private int searchesSinceAdded;

  /** What products are made in, and the type that founders are kept in, as libtorch numbers it. */
  enum Precision {
    INT8(6),
    BFLOAT16(15);

    private final int typeNumber;

    Precision(int typeNumber) {
      this.typeNumber = typeNumber;
    }
  }

  private TorchFounderSearch(TorchRuntime runtime, Precision precision) {
    this.library =
        TorchScriptLibrary.load(
            runtime, List.of(ScriptSource.beside(TorchFounderSearch.class, "founder_search.py")));
    this.manager = runtime.newManager(Device.cpu());
    this.precision = precision;
  }

  /** Without founders, in the precision that suits this machine. */
  public static TorchFounderSearch open() {
    return open(
        Processor.ofThisMachine() == Processor.INTEL_AMX ? Precision.BFLOAT16 : Precision.INT8);
  }

  static TorchFounderSearch open(Precision precision) {
    return new TorchFounderSearch(TorchRuntime.start(), precision);
  }

  @Override
  public void add(List<float[]> founders) {
    if (founders.isEmpty()) {
      return;
    }
    makeRoom(size + founders.size(), founders.get(0).length);
    put(size, Tensors.rows(manager, founders));
    size += founders.size();
    searchesSinceAdded = 0;
  }

  @Override
  public List<NearestCells> nearest(List<float[]> vectors, int most) {
    if (size == 0) {
      return vectors.stream().map(vector -> NearestCells.NONE).toList();
    }
    if (precision == Precision.INT8) {
      packIfDue();
    }
    try (NDManager scope = manager.newSubManager()) {
      TorchValue queries = TorchValue.tensor(Tensors.rows(scope, vectors));
      TorchValue founders = TorchValue.tensor(all);
      TorchValue count = TorchValue.integer(size);
      TorchValue wanted = TorchValue.integer(most);
      TorchValue found =
          packed == null
              ? library.call(scope, GradMode.NO_GRAD, "nearest", queries, founders, count, wanted)
              : library.call(
                  scope,
                  GradMode.NO_GRAD,
                  "nearest_packed",
                  queries,
                  TorchValue.opaque(packed),
                  TorchValue.integer(packedSize),
                  founders,
                  count,
                  wanted);
      List<NDArray> nearest = found.tensors();
      return byVector(nearest.get(0).toFloatArray(), nearest.get(1).toLongArray(), vectors.size());
    }
  }

  private void packIfDue() {
    searchesSinceAdded++;
    int newer = size - packedSize;
    boolean isDue =
        newer >= Math.max(LEAST_TO_PACK, packedSize / SHARE_TO_PACK)
            || (newer > 0
                && size >= LEAST_TO_PACK
                && searchesSinceAdded >= SEARCHES_BEFORE_PACKING);
    if (!isDue) {
      return;
    }
    TorchObject before = packed;
    packed =
        library
            .call(
                manager, GradMode.NO_GRAD, "pack", TorchValue.tensor(all), TorchValue.integer(size))
            .object();
    packedSize = size;
    if (before != null) {
      before.close();
    }
  }

  private static List<NearestCells> byVector(float[] cosines, long[] cells, int vectors) {
    int most = cells.length / vectors;
    List<NearestCells> byVector = new ArrayList<>(vectors);
    for (int from = 0; from < cells.length; from += most) {
      byVector.add(
          new NearestCells(
              Arrays.stream(cells, from, from + most).mapToInt(Math::toIntExact).toArray(),
              Arrays.copyOfRange(cosines, from, from + most)));
    }
    return byVector;
  }

  private void makeRoom(int founders, int dim) {
    if (founders <= room) {
      return;
    }
    int larger = Math.max(FIRST_ROOM, room);
    while (larger < founders) {
      larger = Math.multiplyExact(2, larger);
    }
    NDArray before = all;
    all =
        library
            .call(
                manager,
                GradMode.NO_GRAD,
                "room",
                TorchValue.integer(larger),
                TorchValue.integer(dim),
                TorchValue.integer(precision.typeNumber))
            .tensor();
    room = larger;
    if (before != null) {
      put(0, before);
    }
  }

  /** Copies rows into the place from {@code at} on, and frees them. */
  private void put(int at, NDArray rows) {
    try (rows) {
      library.call(
          manager,
          GradMode.NO_GRAD,
          "put",
          TorchValue.tensor(all),
          TorchValue.integer(at),
          TorchValue.tensor(rows));
    }
  }

  @Override
  public void close() {
    if (packed != null) {
      packed.close();
    }
    manager.close();
    library.close();
  }
}
