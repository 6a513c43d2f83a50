package io.freshet.trainer.evaluate.probe;

import java.util.List;

/**
 * How long and with which learning rates the linear probe is trained.
 *
 * @param steps of SGD, at least 1; DINOv2 takes {@link #ORIGINAL_STEPS} on ImageNet
 * @param batchImages of a step, at least 1
 * @param rates that are tried, each for a batch of 256 images and scaled linearly to the batch
 */
public record LinearSweepConfig(int steps, int batchImages, List<Double> rates) {
  /** 10 epochs of 1,250 steps. */
  public static final int ORIGINAL_STEPS = 12_500;

  private static final List<Double> ORIGINAL_RATES =
      List.of(1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1);

  public LinearSweepConfig {
    rates = List.copyOf(rates);
    if (steps < 1 || batchImages < 1 || rates.isEmpty()) {
      throw new IllegalArgumentException(
          "a linear probe of %d steps, batches of %d and %d learning rates; each must be at least 1"
              .formatted(steps, batchImages, rates.size()));
    }
  }

  /** DINOv2's thirteen learning rates and batch of 128 with another number of steps. */
  public static LinearSweepConfig ofSteps(int steps) {
    return new LinearSweepConfig(steps, 128, ORIGINAL_RATES);
  }
}
