package io.freshet.platform.flink;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;
import java.util.stream.StreamSupport;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.clusterframework.ApplicationStatus;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.util.SerializedThrowable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A job on the embedded cluster. Thread-safe. Ends with the cluster if not before. */
public final class RunningJob {
  private static final Logger LOG = LoggerFactory.getLogger(RunningJob.class);
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final Duration CANCELLATION = Duration.ofSeconds(20);
  private static final long POLL_MILLIS = 50;

  private final String name;
  private final JobID id;
  private final FlinkConfig flink;
  private final MiniCluster cluster;
  private final LiveMetrics metrics;
  private final CompletableFuture<JobResult> result;

  RunningJob(String name, JobID id, FlinkConfig flink, MiniCluster cluster, LiveMetrics metrics) {
    this.name = name;
    this.id = id;
    this.flink = flink;
    this.cluster = cluster;
    this.metrics = metrics;
    this.result = cluster.requestJobResult(id);
  }

  public String name() {
    return name;
  }

  /** Flink's id of this run, another one after each start of the process; hexadecimal. */
  public String runId() {
    return id.toHexString();
  }

  public JobStatus state() {
    return ended().map(RunningJob::endState).orElseGet(() -> answer(cluster.getJobStatus(id)));
  }

  /**
   * Returns when all tasks run: state is restored, sources are reading.
   *
   * @throws JobException when the job ends before, or the time is over
   */
  public void awaitRunning(Duration most) {
    await("to run", most, this::allTasksRun);
  }

  /**
   * Returns when the number of completed checkpoints of this run has reached {@code count}.
   *
   * @throws JobException when the job ends before, or the time is over
   */
  public void awaitCheckpoints(long count, Duration most) {
    await("for checkpoint " + count, most, () -> completedCheckpoints() >= count);
  }

  /** Completed checkpoints of this run, savepoints included. */
  public long completedCheckpoints() {
    return graph().getCheckpointStatsSnapshot().getCounts().getNumberOfCompletedCheckpoints();
  }

  /** Why the job failed, or last failed before it restarted. */
  public Optional<Throwable> failure() {
    Optional<Throwable> terminal =
        ended().flatMap(JobResult::getSerializedThrowable).map(this::deserialized);
    if (terminal.isPresent() || ended().isPresent()) {
      return terminal;
    }
    return Optional.ofNullable(graph().getFailureInfo())
        .map(info -> info.getException().deserializeError(getClass().getClassLoader()));
  }

  /** Cheap enough to ask once a second. */
  public JobProgress progress() {
    return new JobProgress(
        state(),
        (long) ofOperators("Source: ", "numRecordsIn").sum(),
        (long) ofOperators("write ", "numRecordsSend").sum(),
        (long) ofOperators("Source: ", "pendingRecords").sum(),
        values("busyTimeMsPerSecond", place -> true).filter(Double::isFinite).max().orElse(0)
            / 1000,
        (long) values("numberOfCompletedCheckpoints", place -> true).sum(),
        (long) values("numRestarts", place -> true).sum(),
        failure().map(Throwable::toString));
  }

  /** Every metric of the job, the stage's own included. */
  public List<MetricSample> metrics() {
    String run = runId();
    return metrics.samples(place -> place.jobId().equals(run));
  }

  /**
   * Stops cleanly: everything read so far is processed, committed and kept in a savepoint, from
   * which the next start resumes however late. When that fails or takes too long the job is
   * cancelled and resumes from its last checkpoint.
   *
   * @return whether it was the clean stop
   */
  public boolean stop(Duration most) {
    if (ended().isPresent()) {
      return false;
    }
    try {
      String savepoint =
          cluster
              .stopWithSavepoint(
                  id, flink.savepoints(name).toUri().toString(), false, SavepointFormatType.NATIVE)
              .get(most.toMillis(), TimeUnit.MILLISECONDS);
      RestorePoints.markCommitted(Path.of(URI.create(savepoint).getPath()));
      return true;
    } catch (ExecutionException e) {
      LOG.warn("job {} can't stop with a savepoint, cancelling it", name, e.getCause());
    } catch (TimeoutException e) {
      LOG.warn("job {} didn't stop within {}, cancelling it", name, most);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    cancel();
    return false;
  }

  /** Ends the job now; its newest checkpoint stays and the next start resumes from it. */
  public void cancel() {
    if (ended().isPresent()) {
      return;
    }
    answer(cluster.cancelJob(id));
    try {
      result.get(CANCELLATION.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("job {} was told to cancel, but hasn't ended", name, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  boolean hasEnded() {
    return ended().isPresent();
  }

  private Optional<JobResult> ended() {
    return result.isDone() && !result.isCompletedExceptionally()
        ? Optional.of(result.join())
        : Optional.empty();
  }

  private static JobStatus endState(JobResult result) {
    return result.getApplicationStatus() == ApplicationStatus.UNKNOWN
        ? JobStatus.SUSPENDED
        : result.getApplicationStatus().deriveJobStatus();
  }

  private boolean allTasksRun() {
    AccessExecutionGraph graph = graph();
    return graph.getState() == JobStatus.RUNNING
        && StreamSupport.stream(graph.getAllExecutionVertices().spliterator(), false)
            .allMatch(vertex -> vertex.getExecutionState() == ExecutionState.RUNNING);
  }

  private void await(String what, Duration most, BooleanSupplier reached) {
    long deadline = System.nanoTime() + most.toNanos();
    while (!reached.getAsBoolean()) {
      if (ended().isPresent()) {
        throw new JobException(
            "job %s ended as %s while waiting %s".formatted(name, state(), what),
            failure().orElse(null));
      }
      if (System.nanoTime() > deadline) {
        throw new JobException(
            "job %s is %s after waiting %s %s".formatted(name, state(), most, what),
            failure().orElse(null));
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new JobException("interrupted while waiting " + what, e);
      }
    }
  }

  private AccessExecutionGraph graph() {
    return answer(cluster.getExecutionGraph(id));
  }

  private Throwable deserialized(Throwable serialized) {
    return serialized instanceof SerializedThrowable s
        ? s.deserializeError(getClass().getClassLoader())
        : serialized;
  }

  private DoubleStream ofOperators(String prefix, String metric) {
    return values(metric, place -> place.ofOperator() && place.owner().startsWith(prefix));
  }

  private DoubleStream values(String metric, Predicate<LiveMetrics.Place> whose) {
    String run = runId();
    return metrics
        .samples(
            place -> place.jobId().equals(run) && place.name().equals(metric) && whose.test(place))
        .stream()
        .mapToDouble(MetricSample::value);
  }

  private <V> V answer(CompletableFuture<V> future) {
    try {
      return future.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new JobException("job %s: the cluster refuses".formatted(name), e.getCause());
    } catch (TimeoutException e) {
      throw new JobException(
          "job %s: the cluster gave no answer within %s".formatted(name, ANSWER), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JobException("interrupted while asking for job " + name, e);
    }
  }
}
