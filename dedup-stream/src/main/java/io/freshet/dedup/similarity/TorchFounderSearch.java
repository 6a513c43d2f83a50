package io.freshet.dedup.similarity;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Processor;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * All founders by one matrix product a batch, in libtorch on the CPU, which misses none: in
 * float32, or in bfloat16 (cosines to about 0.002) where the processor has matrix units for it.
 *
 * <p>Memory, outside the heap: 4 or 2 bytes an element of a founder, with room for up to twice as
 * many as there are; while the room is doubled, half as much again.
 */
public final class TorchFounderSearch implements FounderSearch {
  private static final int FIRST_ROOM = 1024;

  private final TorchScriptLibrary library;
  private final NDManager manager;
  private final ElementType type;
  private NDArray all;
  private int room;
  private int size;

  /** As libtorch numbers its types. */
  private enum ElementType {
    FLOAT32(6),
    BFLOAT16(15);

    private final int number;

    ElementType(int number) {
      this.number = number;
    }
  }

  private TorchFounderSearch(TorchRuntime runtime, ElementType type) {
    this.library =
        TorchScriptLibrary.load(
            runtime, List.of(ScriptSource.beside(TorchFounderSearch.class, "founder_search.py")));
    this.manager = runtime.newManager(Device.cpu());
    this.type = type;
  }

  /** Without founders, in the precision that suits this machine. */
  public static TorchFounderSearch open() {
    return new TorchFounderSearch(
        TorchRuntime.start(),
        Processor.ofThisMachine() == Processor.INTEL_AMX
            ? ElementType.BFLOAT16
            : ElementType.FLOAT32);
  }

  @Override
  public void add(List<float[]> founders) {
    if (founders.isEmpty()) {
      return;
    }
    makeRoom(size + founders.size(), founders.get(0).length);
    put(size, Tensors.rows(manager, founders));
    size += founders.size();
  }

  @Override
  public List<NearestCells> nearest(List<float[]> vectors, int most) {
    if (size == 0) {
      return vectors.stream().map(vector -> NearestCells.NONE).toList();
    }
    try (NDManager scope = manager.newSubManager()) {
      List<NDArray> nearest =
          library
              .call(
                  scope,
                  GradMode.NO_GRAD,
                  "nearest",
                  TorchValue.tensor(Tensors.rows(scope, vectors)),
                  TorchValue.tensor(all),
                  TorchValue.integer(size),
                  TorchValue.integer(most))
              .tensors();
      return byVector(nearest.get(0).toFloatArray(), nearest.get(1).toLongArray(), vectors.size());
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
                TorchValue.integer(type.number))
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
    manager.close();
    library.close();
  }
}
