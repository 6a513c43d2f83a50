package io.freshet.deploy.demo;

import io.freshet.curator.seeds.SeedRegistrar;
import io.freshet.deploy.audit.DeliveryAudit;
import io.freshet.deploy.audit.DeliveryAudit.Findings;
import io.freshet.deploy.node.Node;
import io.freshet.deploy.node.Role;
import io.freshet.deploy.node.StopSignal;
import io.freshet.deploy.node.TopicWriter;
import io.freshet.deploy.report.DemoReport;
import io.freshet.deploy.report.ReportBuilder;
import io.freshet.deploy.report.TerminalReport;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.CrawledPage;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.Topics;
import io.freshet.sink.tally.Overview;
import io.freshet.trainer.run.TrainerRole;
import java.awt.Desktop;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.concurrent.locks.LockSupport;

/**
 * The demonstration: starts every role, registers the curated datasets, crawls the local site for a
 * while, waits until everything under way has its outcome, and reports.
 *
 * <p>Ctrl-C ends the crawl early; draining and the report follow as usual. Owned by one thread.
 */
public final class Demo {
  /** Longest time without any progress once the crawl has ended. */
  private static final Duration DRAIN = Duration.ofSeconds(90);

  private static final Duration STOP = Duration.ofSeconds(150);

  private final Config config;
  private final DemoOptions options;
  private final PrintWriter out;
  private final DemoProgress progress;
  private final StopSignal signal = new StopSignal(STOP);

  public Demo(Config config, DemoOptions options, PrintWriter out) {
    this.config = config;
    this.options = options;
    this.out = out;
    this.progress = new DemoProgress(out, Boolean.getBoolean("freshet.terminal"));
  }

  /** The demo alone may fetch from loopback, and there only from its own site. */
  public static Config allowingItsSite(Config config) {
    int port = config.section("demo", DemoConfig.class).sitePort();
    return config.with("ingest.urls.allow_private_addresses", "[\"127.0.0.1:" + port + "\"]");
  }

  /** True if the loop closed: every request accounted for, models and features published. */
  public boolean run() {
    boolean closed = false;
    try (DemoImages images = DemoImages.open(options.data())) {
      closed = run(images);
      return closed;
    } finally {
      signal.stopped(closed ? 0 : 1);
    }
  }

  private boolean run(DemoImages images) {
    Instant began = Instant.now();
    progress.say("starting Kafka, Flink, the trainer and the console ...");
    TrainerRole.startTorch(config);
    try (Node node = Node.start(config, EnumSet.complementOf(EnumSet.of(Role.TRAINER)))) {
      node.addresses().forEach((what, address) -> progress.say("  " + what + "  " + address));
      return run(node, images, began);
    }
  }

  private boolean run(Node node, DemoImages images, Instant began) {
    DemoConfig demo = config.section("demo", DemoConfig.class);
    KafkaConfig kafka = node.config().section("kafka", KafkaConfig.class);
    DemoSeeds seeds = new DemoSeeds(images, demo.seedsPerClass());
    registerOnce(kafka, images, seeds);
    node.startTrainer();

    CrawlPlan plan = new CrawlPlan(images, seeds, demo.mix(), demo.seed());
    int firstPage = Math.toIntExact(new TopicReader<>(kafka, Topics.CRAWL_PAGES).count());
    try (DemoSite site = DemoSite.start(plan, images, demo.sitePort());
        TopicWriter<CrawledPage> pages = new TopicWriter<>(kafka, Topics.CRAWL_PAGES)) {
      openBrowser(node);
      try (DemoCrawler crawler =
          new DemoCrawler(site, pages::send, demo.imagesPerSecond(), firstPage)) {
        crawler.start();
        watch(node);
      }
      progress.say("the crawl has ended; waiting until every image has its outcome ...");
      DeliveryAudit audit = new DeliveryAudit(kafka.bootstrapServers(), kafka.topicPrefix());
      Findings findings = drain(audit, node);
      return report(node, findings, began);
    }
  }

  private void registerOnce(KafkaConfig kafka, DemoImages images, DemoSeeds seeds) {
    DemoDatasets datasets = new DemoDatasets(images, seeds);
    long known = new TopicReader<>(kafka, Topics.SEED_REGISTERED).latestByKey().size();
    if (known >= datasets.size()) {
      return;
    }
    progress.say("registering %,d seeds and evaluation images ...".formatted(datasets.size()));
    try (TopicWriter<SeedImage> topic = new TopicWriter<>(kafka, Topics.SEED_REGISTERED)) {
      datasets.register(
          new SeedRegistrar(
              BlobStores.open(config.section("blobs", BlobConfig.class)),
              topic::write,
              InstantSource.system()));
    }
  }

  /** For as long as was asked; on a slow machine twice as long, if no model is released before. */
  private void watch(Node node) {
    long began = System.nanoTime();
    Duration end = options.duration();
    Duration elapsed = Duration.ZERO;
    while (elapsed.compareTo(end) < 0 && !signal.await(Duration.ofSeconds(1))) {
      elapsed = Duration.ofNanos(System.nanoTime() - began);
      Overview now = overview(node);
      progress.show(elapsed, end, now);
      node.failure()
          .ifPresent(
              failure -> {
                throw new IllegalStateException("a role stopped: " + failure.getMessage(), failure);
              });
      if (elapsed.compareTo(options.duration()) >= 0) {
        end = now.counts().get("releases") > 0 ? elapsed : extended(end);
      }
    }
    progress.done();
  }

  private Duration extended(Duration end) {
    if (end.equals(options.duration())) {
      progress.say("no model yet: the crawl goes on until there is one, at most as long again ...");
    }
    return options.duration().multipliedBy(2);
  }

  /**
   * Until every request has its outcome and every unique image that stands a feature, or nothing
   * more comes.
   */
  private Findings drain(DeliveryAudit audit, Node node) {
    long moved = System.nanoTime();
    Findings findings = audit.run();
    while (!drained(findings, node)
        && Duration.ofNanos(System.nanoTime() - moved).compareTo(DRAIN) < 0) {
      LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
      Findings now = audit.run();
      if (now.outcomes() != findings.outcomes() || now.features() != findings.features()) {
        moved = System.nanoTime();
      }
      findings = now;
    }
    return findings;
  }

  private static boolean drained(Findings findings, Node node) {
    boolean described = overview(node).champion() == null || findings.described();
    return findings.conserved() && described;
  }

  private boolean report(Node node, Findings findings, Instant began) {
    ReportBuilder builder = new ReportBuilder(node.config(), findings, began, Instant.now());
    DemoReport report = builder.report();
    builder.write(options.state());
    options.json().ifPresent(builder::writeJson);
    new TerminalReport(out).print(report);
    progress.say("report: " + options.state().resolve("report.html").toAbsolutePath().normalize());
    progress.say(report.loopClosed() ? "the loop closed" : "THE LOOP DID NOT CLOSE, see above");
    return report.loopClosed();
  }

  private static Overview overview(Node node) {
    return node.console().orElseThrow().overview();
  }

  private void openBrowser(Node node) {
    String console = node.addresses().get("console");
    if (!options.browser() || !Desktop.isDesktopSupported()) {
      return;
    }
    try {
      Desktop.getDesktop().browse(URI.create(console));
    } catch (IOException | UnsupportedOperationException e) {
      progress.say("open " + console + " in a browser");
    }
  }
}
