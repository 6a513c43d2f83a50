package io.freshet.deploy.report;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What others reach on the demo's evaluation splits, k-NN top-1 in percent (k = 10, T = 0.07): the
 * published DINOv2 code with the same recipe on the same machine size, and raw pixels. Measured
 * once; see {@code docs/performance.md}.
 */
final class ReferenceFigures {
  /** Cosine between images scaled to 16 x 16, the bank's mean subtracted. */
  static final double RAW_PIXELS_PHOTOS = 29.5;

  static final double RAW_PIXELS_DRAWINGS = 42.3;

  private static final NavigableMap<Long, Double> ORIGINAL_PHOTOS =
      new TreeMap<>(Map.of(0L, 40.5, 4_000L, 49.1, 8_000L, 48.5, 16_000L, 48.6));
  private static final NavigableMap<Long, Double> ORIGINAL_DRAWINGS =
      new TreeMap<>(Map.of(0L, 26.2, 8_000L, 30.3, 16_000L, 33.3, 32_000L, 33.6, 48_000L, 33.0));

  private ReferenceFigures() {}

  /** The original after as many images seen, interpolated between its readings. */
  static DemoReport.QualityLine originalAt(long imagesSeen) {
    return new DemoReport.QualityLine(
        "original code, same images",
        at(ORIGINAL_PHOTOS, imagesSeen),
        at(ORIGINAL_DRAWINGS, imagesSeen));
  }

  static DemoReport.QualityLine rawPixels() {
    return new DemoReport.QualityLine("raw pixels", RAW_PIXELS_PHOTOS, RAW_PIXELS_DRAWINGS);
  }

  static double at(NavigableMap<Long, Double> readings, long imagesSeen) {
    Map.Entry<Long, Double> before = readings.floorEntry(imagesSeen);
    Map.Entry<Long, Double> after = readings.ceilingEntry(imagesSeen);
    if (before == null || after == null || before.equals(after)) {
      return (before == null ? after : before).getValue();
    }
    double share = (double) (imagesSeen - before.getKey()) / (after.getKey() - before.getKey());
    return before.getValue() + share * (after.getValue() - before.getValue());
  }
}
