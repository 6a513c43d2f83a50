package io.freshet.trainer.run;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.trainer.evaluate.ModelMeasures;
import io.freshet.trainer.evaluate.SetFeatures;
import io.freshet.trainer.release.Metrics;
import io.freshet.trainer.release.ReleaseConfig;
import io.freshet.trainer.release.ReleaseContent;
import io.freshet.trainer.release.ReleaseExporter;
import io.freshet.trainer.release.ReleasePublisher;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores, writes and publishes releases beside training. At most one is in flight; one that fails
 * (disk full, registry not there) is logged and training goes on to the next.
 *
 * <p>Methods belong to the training thread, which closes it.
 */
final class ReleaseWorker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReleaseWorker.class);

  private final ModelMeasures measures;
  private final ReleaseConfig config;
  private final ReleaseExporter exporter;
  private final ReleasePublisher publisher;
  private final ModelRegistry registry;
  private final StatusBoard board;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "freshet-release"));
  private Future<?> inFlight = CompletableFuture.completedFuture(null);

  ReleaseWorker(
      ModelMeasures measures,
      ReleaseConfig config,
      ReleaseExporter exporter,
      ReleasePublisher publisher,
      ModelRegistry registry,
      StatusBoard board) {
    this.measures = measures;
    this.config = config;
    this.exporter = exporter;
    this.publisher = publisher;
    this.registry = registry;
    this.board = board;
  }

  /**
   * Starts on a release; waits while an earlier one is in flight.
   *
   * @param features of the released model on all sets
   * @param content its metrics are the baselines so far
   */
  void submit(List<SetFeatures> features, ReleaseContent content) throws InterruptedException {
    await();
    inFlight = thread.submit(() -> release(features, content));
  }

  void await() throws InterruptedException {
    try {
      inFlight.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the release thread failed", e.getCause());
    }
  }

  private void release(List<SetFeatures> features, ReleaseContent content) {
    long step = content.snapshot().step();
    try {
      Map<String, Double> metrics = new TreeMap<>(content.metrics());
      metrics.putAll(Metrics.named(Metrics.KNN_TOP1, measures.top1(features)));
      metrics.putAll(Metrics.named(Metrics.COMPARED_TOP1, measures.comparedTop1(features)));
      ReleaseExporter.Staged staged = exporter.stage(content.with(metrics), parent());
      Optional<Manifest> published = publisher.publish(staged.dir(), staged.release());
      exporter.clear();
      published.map(ReleaseSummary::of).ifPresent(board::released);
    } catch (IOException | RuntimeException e) {
      LOG.error("the release of step {} failed; training goes on", step, e);
    }
  }

  private Optional<ModelVersion> parent() {
    return registry.versions().stream()
        .filter(version -> version.name().equals(config.model()))
        .max(ModelVersion::compareTo);
  }

  /** Waits for the release in flight. */
  @Override
  public void close() {
    thread.shutdown();
    boolean interrupted = false;
    while (!thread.isTerminated()) {
      try {
        thread.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        // Its files and announcements must not be left half done by an interrupt.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
