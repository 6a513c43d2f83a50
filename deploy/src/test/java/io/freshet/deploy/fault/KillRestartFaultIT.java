package io.freshet.deploy.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.curator.seeds.SeedFile;
import io.freshet.curator.seeds.SeedRegistrar;
import io.freshet.deploy.audit.DeliveryAudit;
import io.freshet.deploy.audit.DeliveryAudit.Findings;
import io.freshet.deploy.demo.CrawlPlan;
import io.freshet.deploy.demo.DemoCrawler;
import io.freshet.deploy.demo.DemoImages;
import io.freshet.deploy.demo.DemoImages.Split;
import io.freshet.deploy.demo.DemoSeeds;
import io.freshet.deploy.demo.DemoSite;
import io.freshet.deploy.node.TopicWriter;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.CrawledPage;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.Topics;
import io.freshet.schemas.TrainingStep;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * F1 for the process that is everything: {@code freshet up} is killed with SIGKILL three times at
 * random moments while images flow, and started again each time without any other step.
 */
class KillRestartFaultIT {
  private static final int KILLS = 3;
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  @TempDir private Path directory;

  @Test
  void losesNoImageAndDecidesNoneTwice() throws Exception {
    long seed = Long.getLong("freshet.fault.seed", 20_231_015L);
    System.err.println("replay with -Dfreshet.fault.seed=" + seed);
    Random random = new Random(seed);
    Config config = config();
    Path configFile = Files.writeString(directory.resolve("up.yaml"), overrides());
    Path output = directory.resolve("up.out");
    KafkaConfig kafka = config.section("kafka", KafkaConfig.class);

    UpProcess up = UpProcess.start(configFile, output);
    try (DemoImages images = DemoImages.open(Path.of("data"))) {
      await("the broker", up, output, () -> reachable(kafka));
      registerSeeds(config, kafka, images);
      CrawlPlan plan =
          new CrawlPlan(images, new DemoSeeds(images, 2), new CrawlPlan.Mix(0.3, 0.15, 0.1), seed);
      long stepBeforeLastKill = 0;
      try (DemoSite site = DemoSite.start(plan, images, sitePort);
          TopicWriter<CrawledPage> pages = new TopicWriter<>(kafka, Topics.CRAWL_PAGES);
          DemoCrawler crawler = new DemoCrawler(site, pages::send, 12, 0)) {
        crawler.start();
        await("the first training steps", up, output, () -> lastStep(kafka) >= 3);
        for (int kill = 1; kill <= KILLS; kill++) {
          Thread.sleep(2_000 + random.nextInt(4_000));
          stepBeforeLastKill = lastStep(kafka);
          up.kill();
          up = UpProcess.start(configFile, output);
          await("the broker after kill " + kill, up, output, () -> reachable(kafka));
        }
        long resumedFrom = stepBeforeLastKill;
        await("training to go on", up, output, () -> lastStep(kafka) > resumedFrom);
      }

      DeliveryAudit audit = new DeliveryAudit(kafka.bootstrapServers(), kafka.topicPrefix());
      await("every request's outcome", up, output, () -> audit.run().conserved());
      Findings findings = audit.run();
      assertTrue(findings.requests() > 200, "requests: " + findings.requests());
      assertEquals(findings.requests(), findings.outcomes());
      assertEquals(0, findings.repeated().size());
      assertTrue(findings.unique() > 0 && findings.rejected() > 0 && findings.curated() > 0);
      assertStepsContinue(kafka);
      assertEquals(0, up.terminate(Duration.ofSeconds(60)), () -> tail(output));
    } finally {
      up.close();
    }
  }

  /** The ledger has no gap: each start went on at, or a little before, where the last one ended. */
  private static void assertStepsContinue(KafkaConfig kafka) {
    Map<Long, TrainingStep> steps = new TreeMap<>();
    new TopicReader<>(kafka, Topics.TRAINING_STEP)
        .forEach(step -> steps.put(step.value().getStep(), step.value()));
    long expected = 0;
    for (long step : steps.keySet()) {
      assertEquals(expected++, step, "the ledger lacks a step");
    }
    assertEquals(
        1, steps.values().stream().map(TrainingStep::getRunId).distinct().count(), "one run");
  }

  private int sitePort;
  private int brokerPort;

  private Config config() throws IOException {
    sitePort = freePort();
    brokerPort = freePort();
    Path file = Files.writeString(directory.resolve("check.yaml"), overrides());
    return Config.defaults().with(file);
  }

  private String overrides() throws IOException {
    String template;
    try (var in = KillRestartFaultIT.class.getResourceAsStream("up.yaml")) {
      template = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    return template
        .replace("@state@", directory.toString())
        .replace("@broker_port@", Integer.toString(brokerPort))
        .replace("@site_port@", Integer.toString(sitePort));
  }

  private static void registerSeeds(Config config, KafkaConfig kafka, DemoImages images) {
    DemoSeeds seeds = new DemoSeeds(images, 2);
    try (TopicWriter<SeedImage> topic = new TopicWriter<>(kafka, Topics.SEED_REGISTERED)) {
      SeedRegistrar registrar =
          new SeedRegistrar(
              BlobStores.open(config.section("blobs", BlobConfig.class)),
              topic::write,
              InstantSource.system());
      registrar.register(
          "photos",
          SeedRole.SEED,
          seeds.photoSquares().stream()
              .map(
                  square ->
                      new SeedFile(
                          square.toString(),
                          square.photo(),
                          Optional.empty(),
                          () -> png(images.cut(square)))));
      List<DemoImages.PhotoSquare> evaluated = images.squares(Split.EVAL);
      registrar.register(
          "photos",
          SeedRole.EVALUATION,
          evaluated.stream()
              .filter(square -> evaluated.indexOf(square) % 20 < 2)
              .map(
                  square ->
                      new SeedFile(
                          "eval " + square,
                          square.photo(),
                          Optional.of(evaluated.indexOf(square) % 2 == 0 ? "bank" : "query"),
                          () -> png(images.cut(square)))));
    }
  }

  private static byte[] png(BufferedImage image) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static long lastStep(KafkaConfig kafka) {
    return new TopicReader<>(kafka, Topics.TRAINING_STEP)
        .stream().mapToLong(TrainingStep::getStep).max().orElse(0);
  }

  private static boolean reachable(KafkaConfig kafka) {
    new TopicReader<>(kafka, Topics.CRAWL_PAGES).count();
    return true;
  }

  private static void await(String what, UpProcess up, Path output, BooleanSupplier condition)
      throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      assertTrue(up.alive(), () -> "freshet up ended:\n" + tail(output));
      try {
        if (condition.getAsBoolean()) {
          return;
        }
      } catch (RuntimeException e) {
        // The broker is starting; asked again below.
      }
      Thread.sleep(500);
    }
    throw new AssertionError("waited " + PATIENCE + " for " + what + "\n" + tail(output));
  }

  private static String tail(Path output) {
    try {
      return UpProcess.tail(output) + "\n" + UpProcess.tail(output.resolveSibling("freshet.log"));
    } catch (IOException e) {
      return "no output: " + e;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
