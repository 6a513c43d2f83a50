package io.freshet.platform.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaClients;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.CrawledImage;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.Topics;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the whole process, broker included, with SIGKILL while records flow. */
class KillFaultIT {
  private static final long SEED = 42;
  private static final int KILLS = 2;
  private static final int IMAGES = 6000;

  @TempDir Path directory;

  @Test
  void losesAndDuplicatesNothing() throws Exception {
    int port = freePort();
    Config config = HarnessProcess.config(directory, port);
    KafkaConfig kafka = config.section("kafka", KafkaConfig.class);
    Random random = new Random(SEED);
    AtomicReference<Throwable> refused = new AtomicReference<>();
    Process process = start(port);
    Thread crawler = new Thread(() -> crawl(kafka, refused), "crawler");
    try {
      awaitCheckpoints(process, 1);
      crawler.start();
      for (int kill = 0; kill < KILLS; kill++) {
        awaitCheckpoints(process, 3);
        Thread.sleep(random.nextInt(900));
        process.destroyForcibly();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        process = start(port);
      }
      awaitCheckpoints(process, 1);
      crawler.join(FreshetCluster.PATIENCE.toMillis());
      assertEquals(null, refused.get());
      assertOnceEach(kafka);
    } finally {
      process.destroyForcibly();
      process.waitFor(30, TimeUnit.SECONDS);
    }
  }

  /** Twice each, slowly enough to outlast the kills. */
  private static void crawl(KafkaConfig kafka, AtomicReference<Throwable> refused) {
    try (KafkaProducer<String, CrawledImage> producer =
        KafkaClients.producer(kafka, Topics.CRAWL_IMAGES)) {
      for (CrawledImage image : Crawl.twice(0, IMAGES)) {
        var message = KafkaClients.message(kafka, Topics.CRAWL_IMAGES, image);
        var unused =
            producer.send(message, (where, failure) -> refused.compareAndSet(null, failure));
        if (image.getImageUrl().endsWith("0")) {
          Thread.sleep(20);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void assertOnceEach(KafkaConfig kafka) {
    TopicReader<RetractedImage> reader = new TopicReader<>(kafka, Topics.IMAGE_RETRACTED);
    long deadline = System.nanoTime() + FreshetCluster.PATIENCE.toNanos();
    List<String> urls = List.of();
    while (urls.size() < IMAGES && System.nanoTime() < deadline) {
      urls = reader.stream().map(RetractedImage::getImageId).sorted().toList();
    }
    assertEquals(Crawl.urls(0, IMAGES), urls, "seed " + SEED);
  }

  private Process start(int port) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx700m",
            "-cp",
            System.getProperty("java.class.path"),
            HarnessProcess.class.getName(),
            directory.toString(),
            String.valueOf(port))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** Reads what the process says until it has completed so many checkpoints. */
  private static void awaitCheckpoints(Process process, int count) throws IOException {
    BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      if (!line.startsWith(HarnessProcess.CHECKPOINTS)) {
        System.out.println("process: " + line);
      } else if (Long.parseLong(line.split(" ", -1)[1]) >= count) {
        return;
      }
    }
    throw new AssertionError("the process ended by itself");
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }
}
