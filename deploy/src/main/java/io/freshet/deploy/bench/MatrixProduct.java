package io.freshet.deploy.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.freshet.vision.torch.TorchRuntime;

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
      Shape shape = new Shape(SIDE, SIDE);
      NDArray a = manager.randomNormal(0, 1, shape, DataType.FLOAT32);
      NDArray b = manager.randomNormal(0, 1, shape, DataType.FLOAT32);
      Timings timings =
          Timings.of(
              WARMUPS,
              REPETITIONS,
              () -> {
                try (NDArray product = a.matMul(b)) {
                  // On a GPU the product is asked for at once and computed later.
                  product.getFloat(0, 0);
                }
              });
      return 2.0 * SIDE * SIDE * SIDE / timings.best() / 1e6;
    }
  }
}
