package io.freshet.vision.transform;

import java.util.EnumMap;
import java.util.Map;

/** Where the time of the augmentations of one owner thread went, since it began. */
public final class StageTimes {
  /** What an augmentation does, in this order. */
  public enum Stage {
    /** Turning the picture, cropping and resizing. */
    RESIZE,
    /** Jitter and greyscale. */
    JITTER,
    /** Blur and solarize. */
    BLUR,
    /** Mirroring and normalising to floats. */
    WRITE
  }

  private long resizeNanos;
  private long jitterNanos;
  private long blurNanos;
  private long writeNanos;
  private long last;

  void begin() {
    last = System.nanoTime();
  }

  /** The time since the last stage, or the beginning, was this one's. */
  void end(Stage stage) {
    long now = System.nanoTime();
    long took = now - last;
    last = now;
    switch (stage) {
      case RESIZE -> resizeNanos += took;
      case JITTER -> jitterNanos += took;
      case BLUR -> blurNanos += took;
      case WRITE -> writeNanos += took;
    }
  }

  /** Elapsed milliseconds of each stage, of all pictures together. */
  public Map<Stage, Double> millis() {
    Map<Stage, Double> millis = new EnumMap<>(Stage.class);
    millis.put(Stage.RESIZE, resizeNanos / 1e6);
    millis.put(Stage.JITTER, jitterNanos / 1e6);
    millis.put(Stage.BLUR, blurNanos / 1e6);
    millis.put(Stage.WRITE, writeNanos / 1e6);
    return millis;
  }
}
