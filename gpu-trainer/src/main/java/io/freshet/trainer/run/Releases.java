package io.freshet.trainer.run;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.trainer.data.BatchComposer;
import io.freshet.trainer.evaluate.SetFeatures;
import io.freshet.trainer.release.ReleaseConfig;
import io.freshet.trainer.release.ReleaseContent;
import io.freshet.trainer.release.ReleaseExporter;
import io.freshet.trainer.step.StepSnapshot;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a release is due, and its first part: a copy of the state and the features, for which
 * training pauses. The rest happens beside training. Owned by the training thread.
 */
final class Releases {
  private static final Logger LOG = LoggerFactory.getLogger(Releases.class);

  private final TrainerSettings settings;
  private final RunState run;
  private final Measuring measuring;
  private final ReleaseExporter exporter;
  private final ReleaseWorker worker;
  private final StatusBoard board;
  private long releasedStep;

  Releases(
      TrainerSettings settings,
      RunState run,
      Measuring measuring,
      ReleaseExporter exporter,
      ReleaseWorker worker,
      ModelRegistry registry,
      StatusBoard board) {
    this.settings = settings;
    this.run = run;
    this.measuring = measuring;
    this.exporter = exporter;
    this.worker = worker;
    this.board = board;
    List<Manifest> earlier =
        registry.versions().stream()
            .filter(version -> version.name().equals(settings.release().model()))
            .sorted()
            .map(registry::manifest)
            .toList();
    board.earlier(earlier.stream().map(ReleaseSummary::of).toList());
    this.releasedStep =
        earlier.stream()
            .filter(manifest -> manifest.runId().equals(run.runId()))
            .mapToLong(Manifest::step)
            .max()
            .orElse(0);
  }

  /** Whether a release is due after {@code step} steps, or was due and a crash swallowed it. */
  boolean due(long step) {
    return settings.parallel().releases() && settings.release().lastDue(step) > releasedStep;
  }

  /** Steps until the next release. */
  long remaining(long step) {
    ReleaseConfig config = settings.release();
    return config.nextDue(step) - step;
  }

  /** Measures the state and hands it over for publication. */
  void release(Learner learner, BatchComposer composer) throws InterruptedException {
    long start = System.nanoTime();
    StepSnapshot snapshot = learner.snapshot();
    releasedStep = snapshot.step();
    List<SetFeatures> features = measuring.features(exporter.teacherBackbone(snapshot));
    double millis = (System.nanoTime() - start) / 1e6;
    board.evaluated(millis);
    LOG.info("evaluated step {} in {} ms", snapshot.step(), Math.round(millis));
    // The release before may have become the curation model.
    worker.await();
    measuring.curation(run);
    board.baselines(run.baselines());
    worker.submit(
        features,
        new ReleaseContent(
            run.runId(),
            snapshot,
            StepLedger.topicOffsets(settings.kafka(), composer.state().offsets()),
            run.baselines(),
            composer.imagesByDataset()));
  }
}
