package io.freshet.platform.flink;

import io.freshet.platform.config.Config;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.runtime.instance.SlotSharingGroupId;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Flink cluster in this process that runs all jobs of a deployment and keeps their state in
 * {@code flink.state_dir}. Each job resumes from its newest whole checkpoint or savepoint, after a
 * clean stop, a crash or a kill -9; a job that has none begins at the beginning of its topics.
 *
 * <p>Close it before the Kafka broker. Thread-safe.
 */
public final class EmbeddedFlink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedFlink.class);
  private static final Duration CLUSTER_STOP = Duration.ofSeconds(20);

  private final Config config;
  private final FlinkConfig flink;
  private final Clock clock;
  private final StateDirectory directory;
  private final MiniCluster cluster;
  private final String registry;
  private final LiveMetrics metrics;
  private final Map<String, RunningJob> jobs = new ConcurrentHashMap<>();
  private final Map<String, Integer> slotsTaken = new ConcurrentHashMap<>();
  private boolean closed;

  private EmbeddedFlink(Config config, FlinkConfig flink, Clock clock) {
    this.config = config;
    this.flink = flink;
    this.clock = clock;
    this.directory = StateDirectory.take(flink);
    this.registry = UUID.randomUUID().toString();
    this.metrics = LiveMetricsFactory.open(registry);
    this.cluster = new MiniCluster(ClusterEnvironment.of(flink, registry));
  }

  /**
   * Starts a cluster without jobs, within seconds.
   *
   * @throws JobException when another process holds the state directory or the cluster can't start
   */
  public static EmbeddedFlink start(Config config) {
    return start(config, Clock.systemUTC());
  }

  /** As {@link #start(Config)}; {@code clock} must be serializable, operators carry it. */
  static EmbeddedFlink start(Config config, Clock clock) {
    EmbeddedFlink embedded =
        new EmbeddedFlink(config, config.section("flink", FlinkConfig.class), clock);
    try {
      embedded.cluster.start();
    } catch (Exception e) {
      embedded.close();
      throw new JobException("the embedded Flink cluster can't start: " + e.getMessage(), e);
    }
    return embedded;
  }

  /**
   * Submits a job. Returns when the cluster has taken it; {@link RunningJob#awaitRunning} waits for
   * its tasks. The topics must exist.
   *
   * @throws JobException when a job of that name runs, slots are lacking, or no checkpoint is whole
   * @throws StaleCheckpointException when resuming would lose output
   */
  public synchronized RunningJob submit(StreamJob job) {
    String name = job.name();
    RunningJob before = jobs.get(name);
    if (before != null && !before.hasEnded()) {
      throw new JobException("job %s runs already".formatted(name));
    }
    Optional<RestorePoint> resume = RestorePoints.of(flink, name).newest();
    long committed =
        resume
            .filter(RestorePoint::committed)
            .map(RestorePoint::checkpointId)
            .orElse(flink.committedCheckpoint());
    resume.ifPresent(point -> refuseStale(name, point, committed));
    clearLeftovers(name);
    JobBlueprint blueprint = new JobBlueprint(job, config, clock);
    JobGraph graph =
        blueprint
            .graph(JobEnvironment.embedded(flink, name), committed)
            .getJobGraph(getClass().getClassLoader(), null);
    resume.ifPresent(point -> graph.setSavepointRestoreSettings(settings(point)));
    takeSlots(name, graph);
    LOG.info(
        "job {} starts {}",
        name,
        resume.map(point -> "from " + point.directory()).orElse("without earlier state"));
    await("submit job " + name, cluster.submitJob(graph), flink.checkpointTimeout());
    RunningJob running = new RunningJob(name, graph.getJobID(), flink, cluster, metrics);
    jobs.put(name, running);
    return running;
  }

  /** The jobs that were submitted, ended ones included. */
  public List<RunningJob> jobs() {
    return List.copyOf(jobs.values());
  }

  /** Every metric of the cluster and its jobs. */
  public List<MetricSample> metrics() {
    return metrics.samples(place -> true);
  }

  /**
   * Stops all jobs with a savepoint, at the same time, within {@code flink.stop_timeout}; those
   * that don't make it are cancelled. Then ends the cluster.
   */
  @Override
  public void close() {
    stopJobs();
    closeAbruptly();
  }

  /**
   * Ends the cluster without asking its jobs: nothing is drained, no savepoint taken. Jobs resume
   * from their last checkpoint. For fault tests and for a process that must go at once.
   */
  public synchronized void closeAbruptly() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      await("stop the cluster", cluster.closeAsync(), CLUSTER_STOP);
    } catch (JobException e) {
      LOG.error("the embedded Flink cluster didn't stop within {}", CLUSTER_STOP, e);
    } finally {
      LiveMetricsFactory.close(registry);
      directory.close();
    }
  }

  private void stopJobs() {
    CompletableFuture<?>[] stops =
        jobs.values().stream()
            .map(job -> CompletableFuture.runAsync(() -> job.stop(flink.stopTimeout()), inThread()))
            .toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(stops).join();
    } catch (RuntimeException e) {
      LOG.error("a job couldn't be stopped; it resumes from its last checkpoint", e);
    }
  }

  private static Executor inThread() {
    return task -> new Thread(task, "job-stop").start();
  }

  private void clearLeftovers(String job) {
    List<RestorePoint> kept = RestorePoints.of(flink, job).newest(flink.retainedCheckpoints());
    new Leftovers(flink.checkpoints(job)).clear(kept);
  }

  private void refuseStale(String job, RestorePoint point, long committed) {
    RestoreGuard.of(flink, committed, clock)
        .require(job, point.checkpointId(), point.completedAt());
  }

  private static SavepointRestoreSettings settings(RestorePoint point) {
    return SavepointRestoreSettings.forPath(
        point.directory().toUri().toString(), false, RecoveryClaimMode.CLAIM);
  }

  private void takeSlots(String job, JobGraph graph) {
    int wanted = slots(graph);
    jobs.values().stream().filter(RunningJob::hasEnded).forEach(j -> slotsTaken.remove(j.name()));
    int taken = slotsTaken.values().stream().mapToInt(Integer::intValue).sum();
    if (taken + wanted > flink.slots()) {
      throw new JobException(
          "job %s needs %d slots, but %d of %d are taken; raise flink.slots to %d or more"
              .formatted(job, wanted, taken, flink.slots(), taken + wanted));
    }
    slotsTaken.put(job, wanted);
  }

  private static int slots(JobGraph graph) {
    Map<SlotSharingGroupId, Integer> widest =
        StreamSupport.stream(graph.getVertices().spliterator(), false)
            .collect(
                Collectors.toMap(
                    vertex -> vertex.getSlotSharingGroup().getSlotSharingGroupId(),
                    JobVertex::getParallelism,
                    Math::max));
    return widest.values().stream().mapToInt(Integer::intValue).sum();
  }

  private static <V> V await(String what, CompletableFuture<V> future, Duration most) {
    try {
      return future.get(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new JobException("can't " + what + ": " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new JobException("can't " + what + " within " + most, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JobException("interrupted, can't " + what, e);
    }
  }
}
