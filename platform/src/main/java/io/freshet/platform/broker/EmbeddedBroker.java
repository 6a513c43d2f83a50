package io.freshet.platform.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Kafka node (KRaft, broker and controller) in this process: the class that Kafka's own start
 * script runs, so every Kafka client and tool works with it. Listens on loopback without
 * authentication.
 *
 * <p>Guarantee: acknowledged records, offsets and transactions survive a restart and a kill -9 of
 * the process; a loss of power may cost the last seconds, as with any single Kafka node.
 *
 * <p>A broken data directory or a full disk ends the whole process, as it ends a stock broker:
 * nobody may go on as if the log were intact. Close it after every client, Flink above all: a
 * transaction that finds no coordinator keeps its thread for minutes.
 */
public final class EmbeddedBroker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
  private static final String FORMATTED = "meta.properties";

  private final KafkaRaftServer server;
  private final BrokerConfig config;
  private final int port;
  private final DirectoryLock lock;
  private boolean closed;

  private EmbeddedBroker(
      KafkaRaftServer server, BrokerConfig config, int port, DirectoryLock lock) {
    this.server = server;
    this.lock = lock;
    this.config = config;
    this.port = port;
  }

  /**
   * Starts a broker on {@link BrokerConfig#dataDir}, which it creates and formats when it is new.
   * Returns when every partition takes records; seconds on a new directory, longer after a crash.
   *
   * @throws BrokerException when the port is taken, the directory can't be used, or the start takes
   *     longer than the config allows
   */
  public static EmbeddedBroker start(BrokerConfig config) {
    int port = config.port() == 0 ? freePort() : requireFree(config.port());
    Properties properties = BrokerProperties.of(config, port, freePort());
    long started = System.nanoTime();
    createDirectory(config.dataDir());
    DirectoryLock lock = DirectoryLock.take(config.dataDir());
    try {
      format(config.dataDir());
      KafkaRaftServer server = startup(config, properties, port);
      LOG.info(
          "Kafka broker at {} with data in {} started in {} ms",
          BrokerProperties.address(port),
          config.dataDir(),
          (System.nanoTime() - started) / 1_000_000);
      return new EmbeddedBroker(server, config, port, lock);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static KafkaRaftServer startup(BrokerConfig config, Properties properties, int port) {
    KafkaRaftServer server =
        new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
    try {
      server.startup();
      PartitionsOnline.await(BrokerProperties.address(port), config.startTimeout());
      return server;
    } catch (RuntimeException e) {
      server.shutdown();
      throw new BrokerException(
          "the broker on %s, port %d, didn't start: %s; the log says more"
              .formatted(config.dataDir(), port, e.getMessage()),
          e);
    }
  }

  /** {@code host:port} for clients. */
  public String bootstrapServers() {
    return BrokerProperties.address(port);
  }

  /** Stops cleanly, or gives up after {@link BrokerConfig#stopTimeout} with an error in the log. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    Thread stopping =
        new Thread(
            () -> {
              server.shutdown();
              server.awaitShutdown();
            },
            "broker-stop");
    stopping.setDaemon(true);
    stopping.start();
    try {
      stopping.join(config.stopTimeout().toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (stopping.isAlive()) {
      LOG.error(
          "the broker on {} didn't stop within {}; its log will be recovered at the next start",
          config.dataDir(),
          config.stopTimeout());
    }
    lock.close();
  }

  private static void createDirectory(Path dataDir) {
    try {
      Files.createDirectories(dataDir);
    } catch (IOException e) {
      throw new BrokerException("%s can't be created: %s".formatted(dataDir, e), e);
    }
  }

  private static void format(Path dataDir) {
    try {
      if (Files.exists(dataDir.resolve(FORMATTED))) {
        return;
      }
      Formatter formatter =
          new Formatter()
              .setNodeId(BrokerProperties.NODE_ID)
              .setClusterId(Uuid.randomUuid().toString())
              .addDirectory(dataDir.toString())
              .setMetadataLogDirectory(dataDir.toString())
              .setControllerListenerName(BrokerProperties.CONTROLLER_LISTENER)
              .setHasDynamicQuorum(false)
              .setIgnoreFormatted(true)
              .setPrintStream(
                  new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
      // Version 2 raises a producer's epoch at every commit. Flink commits per checkpoint, so the
      // epoch would overflow within days, and the connector can't recover over that (FLINK-40689).
      formatter.setFeatureLevel("transaction.version", (short) 1);
      formatter.run();
    } catch (Exception e) {
      throw new BrokerException(
          "the broker's directory %s can't be formatted: %s; it must be writable and ours alone"
              .formatted(dataDir, e.getMessage()),
          e);
    }
  }

  private static int requireFree(int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return port;
    } catch (IOException e) {
      throw new BrokerException(
          "port %d is taken: another broker runs, or set broker.port (0 takes a free one)"
              .formatted(port),
          e);
    }
  }

  private static int freePort() {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
