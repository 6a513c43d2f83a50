package io.freshet.curator.retrieval;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchRuntime;
import java.util.List;

/**
 * All pairs by one float32 matrix product, in libtorch on the CPU.
 *
 * <p>Memory, outside the heap: 4 bytes an element of the window's images, and of a product.
 * Thread-safe; what {@link #with} returns has one owner.
 */
public final class MatrixProducts implements PairProducts {
  /** Of sums of some thousand products of unit vectors' elements in any order, with much room. */
  private static final float ERROR = 1e-4f;

  private final TorchRuntime runtime;

  private MatrixProducts(TorchRuntime runtime) {
    this.runtime = runtime;
  }

  public static MatrixProducts open() {
    return new MatrixProducts(TorchRuntime.start());
  }

  @Override
  public float error() {
    return ERROR;
  }

  @Override
  public Images with(List<float[]> images) {
    return new Window(runtime.newManager(Device.cpu()), images);
  }

  private static final class Window implements Images {
    private final NDManager manager;
    private final int dim;

    /** D x images. */
    private final NDArray columns;

    Window(NDManager manager, List<float[]> images) {
      this.manager = manager;
      this.dim = images.get(0).length;
      this.columns = rows(manager, images).transpose();
    }

    @Override
    public float[] times(List<float[]> seeds) {
      try (NDManager scope = manager.newSubManager()) {
        return rows(scope, seeds).matMul(columns).toFloatArray();
      }
    }

    private NDArray rows(NDManager owner, List<float[]> vectors) {
      for (float[] vector : vectors) {
        DotProduct.requireSameSpace(dim, vector.length);
      }
      return Tensors.rows(owner, vectors);
    }

    @Override
    public void close() {
      manager.close();
    }
  }
}
