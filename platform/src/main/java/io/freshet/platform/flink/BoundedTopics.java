package io.freshet.platform.flink;

import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.schemas.Origin;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.typeutils.TupleTypeInfo;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Topics from their beginnings to the ends that they have when the job starts, committed records
 * only, as the streams of one Flink job in batch mode. The job runs in this process, beside
 * whatever runs elsewhere on the same topics: it has no state, no checkpoints and no consumer group
 * that another would notice. What it sorts and joins lies in working files below {@code
 * flink.state_dir}, so that memory does not grow with the topics.
 *
 * <p>One owner thread, for one job. {@link #close} deletes the working files.
 */
public final class BoundedTopics implements AutoCloseable {
  static {
    RecordTypeFactory.register();
  }

  private static final Logger LOG = LoggerFactory.getLogger(BoundedTopics.class);
  private static final String LOOPBACK = "127.0.0.1";
  private static final Duration LONGEST_CLEANING = Duration.ofSeconds(20);
  private static final Duration CLEANING_PAUSE = Duration.ofMillis(50);

  private final String job;
  private final KafkaEndpoints endpoints;
  private final Path workingFiles;
  private final StreamExecutionEnvironment environment;
  private final List<DataStream<RejectedImage>> unreadable = new ArrayList<>();

  private BoundedTopics(String job, Config config, Path workingFiles) {
    KafkaConfig kafka = config.section("kafka", KafkaConfig.class);
    FlinkConfig flink = config.section("flink", FlinkConfig.class);
    Clock clock = Clock.systemUTC();
    this.job = job;
    this.endpoints = new KafkaEndpoints(job, kafka, flink, RestoreGuard.of(flink, 0, clock), clock);
    this.workingFiles = workingFiles;
    this.environment =
        StreamExecutionEnvironment.createLocalEnvironment(
            flink.parallelism(), settings(flink, workingFiles));
  }

  /**
   * Makes ready; nothing is read yet.
   *
   * @param job names what is done with the records, in messages and in consumer groups
   */
  public static BoundedTopics open(String job, Config config) {
    Path stateDir = config.section("flink", FlinkConfig.class).stateDir();
    try {
      Files.createDirectories(stateDir);
      return new BoundedTopics(job, config, Files.createTempDirectory(stateDir, job + "-"));
    } catch (IOException e) {
      throw new UncheckedIOException("no working files below flink.state_dir " + stateDir, e);
    }
  }

  private static Configuration settings(FlinkConfig flink, Path workingFiles) {
    Configuration c = new Configuration();
    c.set(ExecutionOptions.RUNTIME_MODE, RuntimeExecutionMode.BATCH);
    c.set(PipelineOptions.GENERIC_TYPES, false);
    c.set(PipelineOptions.MAX_PARALLELISM, FlinkConfig.MAX_PARALLELISM);
    // A failure is the caller's to see: nothing that was handed out can be taken back.
    c.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    c.set(CoreOptions.TMP_DIRS, workingFiles.toAbsolutePath().toString());
    c.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, new MemorySize(flink.managedMemory().bytes()));
    c.set(TaskManagerOptions.NETWORK_MEMORY_MIN, new MemorySize(flink.networkMemory().bytes()));
    c.set(TaskManagerOptions.NETWORK_MEMORY_MAX, new MemorySize(flink.networkMemory().bytes()));
    c.set(RestOptions.ADDRESS, LOOPBACK);
    c.set(RestOptions.BIND_ADDRESS, LOOPBACK);
    c.set(RestOptions.BIND_PORT, "0");
    c.set(JobManagerOptions.BIND_HOST, LOOPBACK);
    c.set(TaskManagerOptions.HOST, LOOPBACK);
    c.set(TaskManagerOptions.BIND_HOST, LOOPBACK);
    return c;
  }

  /**
   * The records of a topic with the places they were read from, without tombstones.
   *
   * @see #unreadable
   */
  public <T extends SpecificRecordBase> DataStream<Tuple2<Origin, T>> read(Topic<T> topic) {
    SingleOutputStreamOperator<Tuple2<Origin, T>> decoded =
        endpoints
            .boundedSource(environment, topic)
            .process(
                endpoints.decode(topic),
                new TupleTypeInfo<>(
                    JobContext.avro(Origin.class), JobContext.avro(topic.recordType())))
            .name("decode " + topic.name());
    unreadable.add(decoded.getSideOutput(Decode.UNREADABLE));
    return decoded;
  }

  /** What can't be decoded in the topics that were read so far: where it lies, and why. */
  @SuppressWarnings("unchecked")
  public DataStream<RejectedImage> unreadable() {
    return unreadable.get(0).union(unreadable.stream().skip(1).toArray(DataStream[]::new));
  }

  /**
   * Runs the job. Results wait in files until they are asked for; the job ends when the last was.
   * The caller closes the iterator, which ends the job if it has not.
   *
   * @throws JobException when the job can't start; a failure later comes from the iterator
   */
  public <E> BoundedResults<E> run(DataStream<E> results) {
    CloseableIterator<E> collected = results.collectAsync();
    try {
      return new BoundedResults<>(collected, environment.executeAsync(job));
    } catch (Exception e) {
      throw new JobException("can't start " + job + ": " + e.getMessage(), e);
    }
  }

  /**
   * Deletes the working files. The cluster that ends deletes its own at the same time, so this
   * looks again until none is left; what is left after that is logged.
   */
  @Override
  public void close() {
    long deadline = System.nanoTime() + LONGEST_CLEANING.toNanos();
    while (!deleted()) {
      if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
        LOG.warn("working files of {} are left in {}; delete them", job, workingFiles);
        return;
      }
      LockSupport.parkNanos(CLEANING_PAUSE.toNanos());
    }
  }

  private boolean deleted() {
    try (Stream<Path> files = Files.walk(workingFiles)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
      return true;
    } catch (IOException | UncheckedIOException e) {
      return Files.notExists(workingFiles);
    }
  }
}
