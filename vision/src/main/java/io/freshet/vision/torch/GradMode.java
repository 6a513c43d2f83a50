package io.freshet.vision.torch;

/** How a call into the TorchScript library treats autograd. The names are PyTorch's. */
public enum GradMode {
  /** A graph is recorded; {@link Autograd#backward} may follow. */
  ENABLE_GRAD,
  /**
   * No graph; results are ordinary tensors that a later recorded call may use. For teachers,
   * targets and in-place updates.
   */
  NO_GRAD,
  /**
   * No graph and no version counters: the fastest, but results must never enter autograd. For
   * embedding.
   */
  INFERENCE_MODE
}
