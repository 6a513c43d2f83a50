package io.freshet.dedup.similarity;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.List;

/**
 * The whole background by one float32 matrix product a batch, in libtorch on the CPU.
 *
 * <p>Memory, outside the heap: 4 bytes an element of the background, twice that while it is
 * replaced.
 */
public final class TorchBackgroundSearch implements BackgroundSearch {
  private final TorchScriptLibrary library;
  private final NDManager manager;
  private NDArray background;

  private TorchBackgroundSearch(TorchRuntime runtime) {
    this.library =
        TorchScriptLibrary.load(
            runtime,
            List.of(ScriptSource.beside(TorchBackgroundSearch.class, "background_search.py")));
    this.manager = runtime.newManager(Device.cpu());
  }

  /** Without a background. */
  public static TorchBackgroundSearch open() {
    return new TorchBackgroundSearch(TorchRuntime.start());
  }

  @Override
  public void replace(List<float[]> images) {
    NDArray before = background;
    background = Tensors.rows(manager, images);
    if (before != null) {
      before.close();
    }
  }

  @Override
  public float[] means(List<float[]> vectors, int nearest, double copies) {
    try (NDManager scope = manager.newSubManager()) {
      return library
          .call(
              scope,
              GradMode.NO_GRAD,
              "nearest_means",
              TorchValue.tensor(Tensors.rows(scope, vectors)),
              TorchValue.tensor(background),
              TorchValue.integer(nearest),
              TorchValue.real(copies))
          .tensor()
          .toFloatArray();
    }
  }

  @Override
  public void close() {
    manager.close();
    library.close();
  }
}
