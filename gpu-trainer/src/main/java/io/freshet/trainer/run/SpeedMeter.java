package io.freshet.trainer.run;

import java.time.Duration;

/** Mean times of the last steps, newer ones weighing more. Owned by the training thread. */
final class SpeedMeter {
  private static final double KEEP = 0.95;

  private double weight;
  private double seconds;
  private double waitSeconds;
  private double images;

  void add(Duration wall, Duration waited, int stepImages) {
    weight = KEEP * weight + 1;
    seconds = KEEP * seconds + wall.toNanos() / 1e9;
    waitSeconds = KEEP * waitSeconds + waited.toNanos() / 1e9;
    images = KEEP * images + stepImages;
  }

  /** 0 before the first step. */
  double stepSeconds() {
    return weight == 0 ? 0 : seconds / weight;
  }

  double imagesPerSecond() {
    return seconds == 0 ? 0 : images / seconds;
  }

  double dataWaitShare() {
    return seconds == 0 ? 0 : waitSeconds / seconds;
  }
}
