package io.freshet.trainer.torch;

import ai.djl.Device;
import io.freshet.vision.torch.Processor;

/**
 * What the products of the backbones' blocks are computed in. Parameters, moments, residuals,
 * norms, heads and losses are float32 in any case.
 */
public enum Precision {
  /** {@link #BF16} where it is known to pay: on GPUs and on processors with AMX; else float32. */
  AUTO,
  FP32,
  /** bfloat16 with sums in float32. */
  BF16;

  /** What this means on a machine: never {@link #AUTO}. */
  public Precision on(Device device, Processor processor) {
    if (this != AUTO) {
      return this;
    }
    return device.isGpu() || processor == Processor.INTEL_AMX ? BF16 : FP32;
  }
}
