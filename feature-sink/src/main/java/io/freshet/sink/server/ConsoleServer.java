package io.freshet.sink.server;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.config.Config;
import io.freshet.platform.http.HttpConfig;
import io.freshet.platform.http.HttpServer;
import io.freshet.platform.http.Route;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.sink.life.ImageLife;
import io.freshet.sink.patch.PatchGallery;
import io.freshet.sink.search.ImageSearch;
import io.freshet.sink.tally.Overview;
import io.freshet.sink.tally.StoredFeatures;
import io.freshet.sink.tally.StreamTally;
import io.freshet.sink.tally.TopicFollower;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registry over HTTP and the web console, fed by its own look at the topics. Thread-safe;
 * whoever started it closes it.
 */
public final class ConsoleServer implements AutoCloseable {
  /** Where the class path holds uPlot, the library that draws the curves. */
  public static final String UPLOT = "META-INF/resources/webjars/uplot/1.6.30/dist";

  private static final Logger LOG = LoggerFactory.getLogger(ConsoleServer.class);

  private final TopicFollower follower;
  private final ConsoleRoutes console;
  private final AliasAnnouncer announcer;
  private final PatchGallery gallery;
  private final ImageSearch search;
  private final HttpServer server;
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(ConsoleServer::tickerThread);

  private ConsoleServer(Config config) {
    KafkaConfig kafka = config.section("kafka", KafkaConfig.class);
    ModelRegistry registry = ModelRegistries.open(config.section("registry", RegistryConfig.class));
    HttpConfig http = config.section("http", HttpConfig.class);
    if (http.promoteTokenFile().isPresent()) {
      registry.requireSafeWrites();
    }
    ReleaseList releases = new ReleaseList(registry);
    announcer = new AliasAnnouncer(kafka);
    ConsoleConfig settings = config.section("console", ConsoleConfig.class);
    StoredFeatures features = new StoredFeatures(settings.featureMemory().bytes());
    StreamTally tally = new StreamTally(InstantSource.system(), settings.wallImages(), features);
    follower = new TopicFollower(kafka.connection(), kafka.topicPrefix(), tally);
    BlobStore blobs = BlobStores.open(config.section("blobs", BlobConfig.class));
    console =
        new ConsoleRoutes(
            tally,
            releases,
            new ThumbnailStore(blobs, settings.thumbnailMemory().bytes()),
            follower::staleSince);
    RegistryRoutes models = new RegistryRoutes(registry, releases, announcer::announce);
    gallery =
        new PatchGallery(
            registry,
            blobs,
            InstantSource.system(),
            () -> tally.evaluationImages(settings.patchImages()));
    search = new ImageSearch(registry, features, settings.maxUpload().bytes());
    SearchRoutes searching =
        new SearchRoutes(search, features, tally, settings.maxUpload().toIntExact());
    server =
        HttpServer.builder(http)
            .resources("/console", "io/freshet/sink/console")
            .webJars()
            .routes(console::addTo)
            .routes(models::addTo)
            .routes(new PatchRoutes(registry, gallery)::addTo)
            .routes(searching::addTo)
            .routes(new ExplainRoute(target -> ImageLife.of(kafka, target))::addTo)
            .health("topics", () -> follower.staleSince().isEmpty())
            .start();
  }

  /** Serves what the topics of {@code kafka} and the registry hold, live. */
  public static ConsoleServer start(Config config) {
    ConsoleServer started = new ConsoleServer(config);
    started.follower.start();
    ScheduledFuture<?> unused =
        started.ticker.scheduleAtFixedRate(started::tick, 1, 1, TimeUnit.SECONDS);
    return started;
  }

  /** The address of the page. */
  public String address() {
    return server.uri().toString();
  }

  /** What it answers beside the files of the page. */
  List<Route> routes() {
    return server.routes();
  }

  /** What the page shows now. */
  public Overview overview() {
    return console.overview();
  }

  @Override
  public void close() {
    ticker.shutdownNow();
    follower.close();
    console.close();
    server.close();
    gallery.close();
    search.close();
  }

  private void tick() {
    try {
      console.broadcast();
    } catch (RuntimeException e) {
      LOG.warn("the pages got no update: {}", e.toString());
    }
  }

  private static Thread tickerThread(Runnable work) {
    Thread thread = new Thread(work, "console-ticker");
    thread.setDaemon(true);
    return thread;
  }
}
