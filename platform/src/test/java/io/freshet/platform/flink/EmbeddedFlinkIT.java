package io.freshet.platform.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaClients;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicAdmin;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.CrawledImage;
import io.freshet.schemas.Origin;
import io.freshet.schemas.RecordCodec;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class EmbeddedFlinkIT {
  private static final long SEED = 20_261_101;

  @RegisterExtension static final FreshetCluster CLUSTER = FreshetCluster.create();

  @AfterEach
  void setClockBack() {
    SettableClock.reset();
  }

  @Test
  void poisonEndsInRejectedWithItsOriginAndNothingRestarts() {
    RunningJob job = CLUSTER.submit(new KeepFirstJob("poisoned"));
    byte[] good = RecordCodec.of(CrawledImage.class).encode(Crawl.image("http://good"));
    byte[] other = RecordCodec.of(Revocation.class).encode(new Revocation("t", "r", Instant.EPOCH));
    Random random = new Random(SEED);
    List<byte[]> poison = new ArrayList<>(List.of(new byte[0], new byte[] {(byte) 0xC3, 1}, other));
    for (int i = 0; i < 200; i++) {
      byte[] noise = new byte[random.nextInt(300)];
      random.nextBytes(noise);
      poison.add(noise);
    }
    for (int length = 1; length < good.length; length += 7) {
      poison.add(Arrays.copyOf(good, length));
    }
    poison.forEach(bytes -> CLUSTER.produceRaw(Topics.CRAWL_IMAGES, "poison", bytes));
    CLUSTER.produceRaw(Topics.CRAWL_IMAGES, "tombstone", null);
    CLUSTER.produceRaw(Topics.CRAWL_IMAGES, "good", good);

    CLUSTER.await(Topics.IMAGE_RETRACTED, 1);
    List<RejectedImage> rejected = CLUSTER.await(Topics.IMAGE_REJECTED, poison.size());

    assertEquals(poison.size(), rejected.size(), "seed " + SEED);
    assertEquals(poison.size(), rejected.stream().map(RejectedImage::getOrigin).distinct().count());
    for (RejectedImage refusal : rejected) {
      Origin origin = refusal.getOrigin();
      assertEquals(RejectionReason.UNREADABLE_RECORD, refusal.getReason());
      assertEquals("poisoned", refusal.getStage());
      assertEquals("crawl.images", origin.getTopic());
      assertEquals(RequestId.of(origin), refusal.getRequestId());
      assertTrue(refusal.getDetail().getBytes(StandardCharsets.UTF_8).length <= 1024);
    }
    assertEquals(0, job.progress().restarts());
    job.cancel();
    assertEquals(JobStatus.CANCELED, job.state());
  }

  /** Each job has its own checkpoint directory and resumes from its own newest checkpoint. */
  @Test
  void twoJobsResumeIndependently() {
    Config config = isolated("two.");
    List<String> names = List.of("first", "second");
    try (EmbeddedFlink flink = EmbeddedFlink.start(config)) {
      names.forEach(name -> submit(flink, job(name)));
      produce(config, Crawl.twice(0, 500));
      names.forEach(name -> assertOnceEach(config, name, 500));
      flink.jobs().forEach(job -> job.awaitCheckpoints(1, FreshetCluster.PATIENCE));
      byName(flink).get("first").cancel();
      produce(config, Crawl.twice(0, 1000));
      assertOnceEach(config, "second", 1000);
      submit(flink, job("first"));
      assertOnceEach(config, "first", 1000);
      flink.closeAbruptly();
    }
    try (EmbeddedFlink flink = EmbeddedFlink.start(config)) {
      names.forEach(name -> submit(flink, job(name)));
      produce(config, Crawl.twice(0, 1500));
      names.forEach(name -> assertOnceEach(config, name, 1500));
    }
  }

  @Test
  void refusesToResumeAfterAnOutageThatMayHaveLostOutput() {
    Config config = isolated("stale.");
    try (EmbeddedFlink flink = EmbeddedFlink.start(config, new SettableClock())) {
      submit(flink, job("first")).awaitCheckpoints(1, FreshetCluster.PATIENCE);
      flink.closeAbruptly();
    }
    SettableClock.advance(Duration.ofHours(1));
    long stale;
    try (EmbeddedFlink flink = EmbeddedFlink.start(config, new SettableClock())) {
      StaleCheckpointException refused =
          assertThrows(StaleCheckpointException.class, () -> flink.submit(job("first")));
      stale = Long.parseLong(refused.getMessage().replaceFirst("(?s).*checkpoint: (\\d+).*", "$1"));
    }
    Config told = config.with("flink.committed_checkpoint", String.valueOf(stale));
    try (EmbeddedFlink flink = EmbeddedFlink.start(told, new SettableClock())) {
      submit(flink, job("first"));
    }
  }

  @Test
  void resumesHoweverLateAfterACleanStop() {
    Config config = isolated("late.");
    try (EmbeddedFlink flink = EmbeddedFlink.start(config, new SettableClock())) {
      submit(flink, job("first"));
      produce(config, Crawl.twice(0, 300));
      assertOnceEach(config, "first", 300);
    }
    SettableClock.advance(Duration.ofDays(30));
    try (EmbeddedFlink flink = EmbeddedFlink.start(config, new SettableClock())) {
      RunningJob job = submit(flink, job("first"));
      produce(config, Crawl.twice(0, 600));
      assertOnceEach(config, "first", 600);
      job.awaitCheckpoints(2, FreshetCluster.PATIENCE);
      flink.closeAbruptly();
    }
    SettableClock.reset();
    try (EmbeddedFlink flink = EmbeddedFlink.start(config, new SettableClock())) {
      submit(flink, job("first"));
      produce(config, Crawl.twice(0, 700));
      assertOnceEach(config, "first", 700);
    }
  }

  /** Each crash leaves a run directory behind; without clearing there would be one per round. */
  @Test
  void clearsWhatCrashedRunsLeft() throws IOException {
    Config config = isolated("crashes.");
    Path checkpoints =
        config.section("flink", FlinkConfig.class).checkpoints("first").toAbsolutePath();
    int rounds = 5;
    for (int round = 1; round <= rounds; round++) {
      try (EmbeddedFlink flink = EmbeddedFlink.start(config)) {
        RunningJob job = submit(flink, job("first"));
        produce(config, Crawl.twice(0, round * 400));
        assertOnceEach(config, "first", round * 400);
        job.awaitCheckpoints(job.completedCheckpoints() + 2, FreshetCluster.PATIENCE);
        flink.closeAbruptly();
      }
    }
    try (Stream<Path> runs = Files.list(checkpoints)) {
      assertTrue(runs.count() < rounds, "nothing was cleared");
    }
    try (EmbeddedFlink flink = EmbeddedFlink.start(config)) {
      submit(flink, job("first"));
      produce(config, Crawl.twice(0, rounds * 400 + 100));
      assertOnceEach(config, "first", rounds * 400 + 100);
    }
  }

  @Test
  void saysHowManySlotsAreLacking() {
    Config config =
        isolated("slots.").with("flink.slots", "1").with("flink.network_memory", "16MiB");
    try (EmbeddedFlink flink = EmbeddedFlink.start(config)) {
      submit(flink, job("first"));
      JobException refused = assertThrows(JobException.class, () -> flink.submit(job("second")));
      assertTrue(refused.getMessage().contains("flink.slots to 2"), refused::toString);
      byName(flink).get("first").cancel();
      submit(flink, job("second"));
    }
  }

  @Test
  void holdsItsStateDirectoryAlone() {
    JobException refused =
        assertThrows(JobException.class, () -> EmbeddedFlink.start(CLUSTER.config()));
    assertTrue(refused.getMessage().contains("flink.state_dir"), refused::toString);
    assertFalse(CLUSTER.flink().metrics().isEmpty());
  }

  private static Config isolated(String prefix) {
    Config config =
        CLUSTER
            .config()
            .with("kafka.topic_prefix", prefix)
            .with("flink.state_dir", CLUSTER.directory().resolve(prefix).toString());
    TopicAdmin.ensureTopics(kafka(config));
    TopicAdmin.ensureTopics(
        kafka(config), List.of(KeepFirstJob.output("first"), KeepFirstJob.output("second")));
    return config;
  }

  private static KafkaConfig kafka(Config config) {
    return config.section("kafka", KafkaConfig.class);
  }

  /** Writes to a topic of its own, so that two jobs don't mix. */
  private static KeepFirstJob job(String name) {
    return new KeepFirstJob(name, KeepFirstJob.output(name), "");
  }

  private static void produce(Config config, List<CrawledImage> images) {
    try (KafkaProducer<String, CrawledImage> producer =
        KafkaClients.producer(kafka(config), Topics.CRAWL_IMAGES)) {
      for (CrawledImage image : images) {
        Future<?> sent =
            producer.send(KafkaClients.message(kafka(config), Topics.CRAWL_IMAGES, image));
        assertFalse(sent.isCancelled());
      }
    }
  }

  private static void assertOnceEach(Config config, String job, int count) {
    TopicReader<RetractedImage> reader = new TopicReader<>(kafka(config), KeepFirstJob.output(job));
    long deadline = System.nanoTime() + FreshetCluster.PATIENCE.toNanos();
    List<String> urls = List.of();
    while (urls.size() < count && System.nanoTime() < deadline) {
      urls = reader.stream().map(RetractedImage::getImageId).sorted().toList();
    }
    assertEquals(Crawl.urls(0, count), urls);
  }

  private static RunningJob submit(EmbeddedFlink flink, StreamJob job) {
    RunningJob running = flink.submit(job);
    running.awaitRunning(FreshetCluster.PATIENCE);
    return running;
  }

  private static Map<String, RunningJob> byName(EmbeddedFlink flink) {
    return flink.jobs().stream().collect(Collectors.toMap(RunningJob::name, Function.identity()));
  }
}
