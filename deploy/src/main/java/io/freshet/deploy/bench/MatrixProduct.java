package io.freshet.deploy.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.Map;
import java.util.function.Supplier;

/** The machine's limit for dense networks: the speed of a large float32 matrix product. */
final class MatrixProduct {
  private static final int SIDE = 1536;
  private static final int WARMUPS = 3;
  private static final int REPETITIONS = 12;

  private MatrixProduct() {}

  /**
   * Best of several products of 1536 x 1536 matrices, in 10^9 floating point operations a second.
   */
  static double gflops(TorchRuntime runtime) {
    try (NDManager manager = runtime.newManager()) {
      NDArray a = matrix(manager);
      NDArray b = matrix(manager);
      return gflops(() -> a.matMul(b));
    }
  }

  /**
   * The same through the linear layers of {@code library}, or by libtorch's own product if faster.
   */
  static double gflops(TorchScriptLibrary library) {
    try (NDManager manager = library.runtime().newManager()) {
      NDArray a = matrix(manager);
      TorchValue[] arguments = {
        TorchValue.tensor(a),
        TorchValue.dict(Map.of("b.weight", matrix(manager))),
        TorchValue.text("b")
      };
      double linear =
          gflops(() -> library.call(manager, GradMode.NO_GRAD, "linear", arguments).tensor());
      return Math.max(linear, gflops(library.runtime()));
    }
  }

  private static NDArray matrix(NDManager manager) {
    return manager.randomNormal(0, 1, new Shape(SIDE, SIDE), DataType.FLOAT32);
  }

  private static double gflops(Supplier<NDArray> multiply) {
    Timings timings =
        Timings.of(
            WARMUPS,
            REPETITIONS,
            () -> {
              try (NDArray product = multiply.get()) {
                // On a GPU the product is asked for at once and computed later.
                product.getFloat(0, 0);
              }
            });
    return 2.0 * SIDE * SIDE * SIDE / timings.best() / 1e6;
  }
}
