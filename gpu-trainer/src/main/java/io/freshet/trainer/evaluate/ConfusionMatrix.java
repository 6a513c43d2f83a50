package io.freshet.trainer.evaluate;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * How often each class was taken for which, of images or of pixels. One thread at a time.
 *
 * <p>Accuracy and intersection over union are those of mmsegmentation: a class that is neither
 * there nor predicted has none and is left out of the means.
 */
public final class ConfusionMatrix {
  private final long[][] counts;

  public ConfusionMatrix(int classes) {
    counts = new long[classes][classes];
  }

  /**
   * @param label what it is
   * @param predicted what it was taken for
   */
  public void add(int label, int predicted) {
    counts[label][predicted]++;
  }

  public int classes() {
    return counts.length;
  }

  public long count(int label, int predicted) {
    return counts[label][predicted];
  }

  /** How many are of the class. */
  public long labelled(int label) {
    return Arrays.stream(counts[label]).sum();
  }

  /** How many were taken for the class. */
  public long predicted(int predicted) {
    return Arrays.stream(counts).mapToLong(row -> row[predicted]).sum();
  }

  /** Share of all that is right; NaN when nothing was added. */
  public double accuracy() {
    long right = 0;
    long all = 0;
    for (int label = 0; label < counts.length; label++) {
      right += counts[label][label];
      all += labelled(label);
    }
    return (double) right / all;
  }

  /** Share of a class that is right; NaN when there is none of it. */
  public double accuracy(int label) {
    return (double) counts[label][label] / labelled(label);
  }

  /** Intersection over union of a class; NaN when it is neither there nor predicted. */
  public double iou(int label) {
    long right = counts[label][label];
    return (double) right / (labelled(label) + predicted(label) - right);
  }

  /** Mean accuracy of the classes that are there. */
  public double meanAccuracy() {
    return mean(this::accuracy);
  }

  /** Mean intersection over union of the classes that are there or predicted. */
  public double meanIou() {
    return mean(this::iou);
  }

  private double mean(IntToDoubleFunction measure) {
    return IntStream.range(0, counts.length)
        .mapToDouble(measure)
        .filter(value -> !Double.isNaN(value))
        .average()
        .orElse(Double.NaN);
  }
}
