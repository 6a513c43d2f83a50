package io.freshet.deploy.command;

import io.freshet.platform.registry.AliasPeriod;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ReleaseCatalog;
import io.freshet.trainer.evaluate.plot.VersionHistory;
import io.freshet.trainer.evaluate.plot.VersionHistory.Version;
import io.freshet.trainer.release.Metrics;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a registry holds of a model's releases, as pictures are drawn from it. */
final class ReleasedVersions {
  private static final String CHAMPION = "champion";

  private ReleasedVersions() {}

  /**
   * @param model has at least one release
   * @throws io.freshet.platform.registry.ReleaseAlteredException when a manifest or the alias was
   *     altered
   */
  static VersionHistory of(ReleaseCatalog catalog, String model) {
    List<Version> versions =
        catalog.versions().stream()
            .filter(version -> version.name().equals(model))
            .map(catalog::manifest)
            .map(ReleasedVersions::version)
            .toList();
    return new VersionHistory(model, versions, AliasPeriod.of(catalog.aliasHistory(CHAMPION)));
  }

  private static Version version(Manifest manifest) {
    Map<String, Double> measured =
        manifest.metrics().entrySet().stream()
            .filter(metric -> isMeasured(metric.getKey()))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    return new Version(manifest.version(), manifest.createdAt(), measured);
  }

  /** Not the gate's bounds, nor what it held a release against, nor how many images were asked. */
  private static boolean isMeasured(String metric) {
    return !metric.startsWith(Metrics.GATE)
        && !metric.startsWith(Metrics.CHAMPION)
        && !metric.endsWith("/images");
  }
}
