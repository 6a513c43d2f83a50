package io.freshet.deploy.node;

import io.freshet.curator.bootstrap.BootstrapModel;
import io.freshet.curator.job.CuratorJob;
import io.freshet.dedup.DedupJob;
import io.freshet.ingest.IngestJob;
import io.freshet.platform.broker.BrokerConfig;
import io.freshet.platform.broker.EmbeddedBroker;
import io.freshet.platform.config.Config;
import io.freshet.platform.flink.EmbeddedFlink;
import io.freshet.platform.flink.RunningJob;
import io.freshet.platform.flink.StreamJob;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicAdmin;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.sink.feature.FeatureJob;
import io.freshet.sink.server.ConsoleServer;
import io.freshet.trainer.run.TrainerRole;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.api.common.JobStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The roles of this process, started in the order in which they need each other and stopped in the
 * reverse: the trainer first, then the Flink jobs, the broker last, so that no transaction is left
 * without its coordinator.
 *
 * <p>Thread-safe. The caller closes it; a failed start closes what had started.
 */
public final class Node implements AutoCloseable {
  /** Within this time a stop is complete. */
  public static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);

  private static final Logger LOG = LoggerFactory.getLogger(Node.class);

  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private final List<RunningJob> jobs = new ArrayList<>();
  private final Map<String, String> addresses = new LinkedHashMap<>();
  private Config config;
  private volatile Optional<TrainerThread> trainer = Optional.empty();
  private Optional<ConsoleServer> console = Optional.empty();

  private Node(Config config) {
    this.config = config;
  }

  /**
   * Starts the roles and returns when all run.
   *
   * @throws RuntimeException when one can't start; the message says which and why
   */
  public static Node start(Config config, Set<Role> roles) {
    Node node = new Node(config);
    try {
      node.start(roles);
      return node;
    } catch (RuntimeException e) {
      node.close();
      throw e;
    }
  }

  /** The settings in force, with the embedded broker's address in them. */
  public Config config() {
    return config;
  }

  /** What listens where, for people. */
  public Map<String, String> addresses() {
    return Map.copyOf(addresses);
  }

  public Optional<TrainerThread> trainer() {
    return trainer;
  }

  public Optional<ConsoleServer> console() {
    return console;
  }

  /** Why a role stopped, if one did without being told to. */
  public Optional<Throwable> failure() {
    Optional<Throwable> trainerFailure = trainer.flatMap(TrainerThread::failure);
    return trainerFailure.isPresent()
        ? trainerFailure
        : jobs.stream()
            .filter(job -> job.state() == JobStatus.FAILED)
            .flatMap(job -> job.failure().stream())
            .findFirst();
  }

  private void start(Set<Role> roles) {
    if (roles.contains(Role.BROKER)) {
      EmbeddedBroker broker = EmbeddedBroker.start(config.section("broker", BrokerConfig.class));
      running.push(broker);
      config = config.with("kafka.bootstrap_servers", broker.bootstrapServers());
    }
    KafkaConfig kafka = config.section("kafka", KafkaConfig.class);
    addresses.put("kafka", kafka.bootstrapServers());
    TopicAdmin.ensureTopics(kafka);
    ModelRegistry registry = ModelRegistries.open(config.section("registry", RegistryConfig.class));
    BootstrapModel.ensurePublished(registry);

    if (roles.contains(Role.TRAINER)) {
      TrainerRole.startTorch(config);
    }
    List<StreamJob> wanted = streamJobs(roles);
    if (!wanted.isEmpty()) {
      EmbeddedFlink flink = EmbeddedFlink.start(config);
      running.push(flink);
      wanted.forEach(job -> jobs.add(flink.submit(job)));
    }
    if (roles.contains(Role.CONSOLE)) {
      ConsoleServer server = ConsoleServer.start(config);
      running.push(server);
      console = Optional.of(server);
      addresses.put("console", server.address());
    }
    if (roles.contains(Role.TRAINER)) {
      startTrainer();
    }
  }

  /**
   * Starts the trainer in a node that was started without it: for a caller that has something to
   * finish first, such as registering the sets that the trainer evaluates on.
   *
   * @throws IllegalStateException when it runs already
   */
  public synchronized void startTrainer() {
    if (trainer.isPresent()) {
      throw new IllegalStateException("the trainer runs already");
    }
    TrainerThread thread = TrainerThread.start(config);
    running.push(thread);
    trainer = Optional.of(thread);
  }

  private static List<StreamJob> streamJobs(Set<Role> roles) {
    List<StreamJob> wanted = new ArrayList<>();
    if (roles.contains(Role.INGEST)) {
      wanted.add(new IngestJob());
    }
    if (roles.contains(Role.DEDUP)) {
      wanted.add(new DedupJob());
    }
    if (roles.contains(Role.CURATOR)) {
      wanted.add(new CuratorJob());
    }
    if (roles.contains(Role.FEATURES)) {
      wanted.add(new FeatureJob());
    }
    return wanted;
  }

  @Override
  public synchronized void close() {
    while (!running.isEmpty()) {
      AutoCloseable role = running.pop();
      try {
        role.close();
      } catch (Exception e) {
        LOG.error("{} didn't stop cleanly", role.getClass().getSimpleName(), e);
      }
    }
  }
}
