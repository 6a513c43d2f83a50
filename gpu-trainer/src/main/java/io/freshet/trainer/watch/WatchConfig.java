package io.freshet.trainer.watch;

import java.io.Serializable;

/**
 * Section {@code trainer.watch}.
 *
 * @param everySteps steps between two looks at the probe, at least 1
 * @param probeImages images of the probe, at least 8: fewer say nothing about how varied features
 *     are
 */
public record WatchConfig(int everySteps, int probeImages) implements Serializable {
  private static final int MIN_IMAGES = 8;
  private static final int MAX_IMAGES = 1024;

  public WatchConfig {
    if (everySteps < 1) {
      throw new IllegalArgumentException(
          "trainer.watch.every_steps is " + everySteps + "; it must be at least 1");
    }
    if (probeImages < MIN_IMAGES || probeImages > MAX_IMAGES) {
      throw new IllegalArgumentException(
          "trainer.watch.probe_images is %d; it must be %d to %d"
              .formatted(probeImages, MIN_IMAGES, MAX_IMAGES));
    }
  }
}
