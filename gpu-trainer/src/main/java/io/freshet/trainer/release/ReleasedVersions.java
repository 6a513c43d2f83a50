package io.freshet.trainer.release;

import io.freshet.platform.registry.AliasPeriod;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.ReleaseCatalog;
import io.freshet.trainer.evaluate.plot.VersionHistory;
import io.freshet.trainer.evaluate.plot.VersionHistory.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a registry holds of a model's releases, as pictures are drawn from it. */
public final class ReleasedVersions {
  /** Bounds the manifests that are read for each release. */
  private static final int MAX_BEFORE = 100;

  private ReleasedVersions() {}

  /**
   * Without releases that were altered.
   *
   * @param model has at least one other
   * @throws io.freshet.platform.registry.ReleaseAlteredException when the alias was altered
   */
  public static VersionHistory of(ReleaseCatalog catalog, String model) {
    return history(catalog, model, versions(catalog, model, Integer.MAX_VALUE));
  }

  /**
   * The newest hundred, and after them a release that is about to be published: under the next
   * number, unless another publisher takes that first.
   *
   * @param metrics of the release that is about to be published
   * @throws io.freshet.platform.registry.ReleaseAlteredException when the alias was altered
   */
  static VersionHistory withNext(
      ReleaseCatalog catalog, String model, Map<String, Double> metrics, Instant now) {
    List<Version> versions = new ArrayList<>(versions(catalog, model, MAX_BEFORE));
    int next =
        1
            + catalog.versions().stream()
                .filter(version -> version.name().equals(model))
                .mapToInt(ModelVersion::version)
                .max()
                .orElse(0);
    versions.add(new Version(next, now, measured(metrics)));
    return history(catalog, model, versions);
  }

  private static VersionHistory history(
      ReleaseCatalog catalog, String model, List<Version> versions) {
    return new VersionHistory(
        model, versions, AliasPeriod.of(catalog.aliasHistory(ReleasePublisher.CHAMPION)));
  }

  private static List<Version> versions(ReleaseCatalog catalog, String model, int newest) {
    return catalog.versions().stream()
        .filter(version -> version.name().equals(model))
        .sorted(Comparator.comparingInt(ModelVersion::version).reversed())
        .limit(newest)
        .flatMap(version -> catalog.intactManifest(version).stream())
        .map(ReleasedVersions::version)
        .toList();
  }

  private static Version version(Manifest manifest) {
    return new Version(manifest.version(), manifest.createdAt(), measured(manifest.metrics()));
  }

  private static Map<String, Double> measured(Map<String, Double> metrics) {
    return metrics.entrySet().stream()
        .filter(metric -> isMeasured(metric.getKey()))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** Not the gate's bounds, nor what it held a release against, nor how many images were asked. */
  private static boolean isMeasured(String metric) {
    return !metric.startsWith(Metrics.GATE)
        && !metric.startsWith(Metrics.CHAMPION)
        && !metric.endsWith("/images");
  }
}
