package io.freshet.trainer.run;

import io.freshet.platform.registry.Manifest;
import io.freshet.trainer.release.Metrics;
import java.time.Instant;
import java.util.Map;

/**
 * A release in a few numbers.
 *
 * @param step optimiser steps behind it
 * @param knnTop1 accuracy 0..1 by evaluation set
 */
public record ReleaseSummary(
    String model,
    int version,
    long step,
    long imagesSeen,
    Map<String, Double> knnTop1,
    Instant publishedAt) {
  public ReleaseSummary {
    knnTop1 = Map.copyOf(knnTop1);
  }

  static ReleaseSummary of(Manifest manifest) {
    return new ReleaseSummary(
        manifest.name(),
        manifest.version(),
        manifest.step(),
        manifest.imagesSeen(),
        Metrics.under(Metrics.KNN_TOP1, manifest.metrics()),
        manifest.createdAt());
  }
}
