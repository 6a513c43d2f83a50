package io.freshet.trainer.testing;

import io.freshet.trainer.branch.CooldownConfig;
import io.freshet.trainer.branch.DistillationConfig;
import io.freshet.trainer.branch.HighResolutionConfig;
import io.freshet.trainer.release.MetricBounds;
import io.freshet.trainer.release.ReleaseConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Settings of releases without branches. */
public final class ReleaseConfigs {

  private ReleaseConfigs() {}

  /** A release each {@code everySteps} steps. */
  public static ReleaseConfig plain(
      long firstAtStep, long everySteps, Path stagingDir, boolean trainingState) {
    return new ReleaseConfig(
        "freshet",
        firstAtStep,
        everySteps,
        new CooldownConfig(0),
        new HighResolutionConfig(0, 518, 98, 0.1),
        new DistillationConfig(0, 1, List.of()),
        stagingDir,
        new MetricBounds(
            Optional.of(0.02),
            Optional.of(0.03),
            Optional.of(0.03),
            Optional.of(0.03),
            Optional.of(0.5),
            Optional.empty()),
        true,
        "Apache-2.0",
        "Public domain",
        trainingState,
        2,
        false);
  }
}
