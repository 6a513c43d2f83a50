package io.freshet.vision.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Backward passes over graphs that {@link GradMode#ENABLE_GRAD} calls recorded. DJL's {@code
 * GradientCollector} is not used: it is one for the whole process and its zeroing visits every
 * array alive.
 */
public final class Autograd {

  private Autograd() {}

  /** Marks a leaf tensor as one that gradients accumulate in, or no longer. */
  public static void requireGrad(NDArray leaf, boolean require) {
    JniUtils.attachGradient((PtNDArray) leaf, require);
  }

  /**
   * Accumulates d{@code loss}/d leaf into every leaf of the graph, which is freed. {@code loss} has
   * one element.
   */
  public static void backward(NDArray loss) {
    if (loss.size() != 1) {
      throw new IllegalArgumentException(
          "loss must have one element, its shape is " + loss.getShape());
    }
    NativeWork work = TorchRuntime.start().work();
    work.enter();
    try (NDManager scope = loss.getManager().newSubManager()) {
      PtNDArray one = (PtNDArray) Tensors.full(scope, loss.getShape(), 1);
      JniUtils.backward((PtNDArray) loss, one, false, false);
    } finally {
      work.leave();
    }
  }

  /**
   * The leaf's gradient: a new handle, owned by the leaf's manager or the enclosing {@code
   * NDScope}, of the tensor that later backward passes accumulate into. Ask once and keep it. Only
   * after the first backward pass.
   */
  public static NDArray gradient(NDArray leaf) {
    return JniUtils.getGradient((PtNDArray) leaf);
  }

  /** Sets the leaf's gradient to zero in place. */
  public static void zeroGrad(NDArray leaf) {
    JniUtils.zeroGrad((PtNDArray) leaf);
  }
}
