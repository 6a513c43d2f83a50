package io.freshet.client.similar;

import io.freshet.client.ChampionSpace;
import io.freshet.client.FeatureStream;
import io.freshet.client.LocalModel;
import io.freshet.client.SpacePolicy;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ReleaseCatalog;
import io.freshet.vision.image.ImageRejectedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The example as a program: reads paths of images from its input, a line each, and prints the
 * stored images most similar to each, while the index follows the topic and goes over to a new
 * champion beneath it. Queries are embedded here, by the release whose space answers.
 */
public final class FindSimilar implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FindSimilar.class);
  private static final Duration WAIT = Duration.ofMillis(200);
  private static final double TAKE_OVER_SHARE = 0.9;
  private static final long MAX_IMAGE_BYTES = 64L << 20;
  private static final int MAX_WAITING = 1_000;
  private static final String END = "";

  private final SimilarImages similar;
  private final ReleaseCatalog catalog;
  private final Path cache;
  private final int count;
  private LocalModel model;

  /**
   * @param opening opens streams of features
   * @param catalog whose champion is followed
   * @param cache directory that holds one directory for each release
   * @param count images that are found
   * @throws IllegalArgumentException when there is no champion yet
   */
  public FindSimilar(SimilarImages.Opening opening, ReleaseCatalog catalog, Path cache, int count) {
    ChampionSpace champion = new ChampionSpace(catalog);
    String space =
        champion
            .get()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the registry has no champion; freshet models promote makes one"));
    this.similar = new SimilarImages(opening, space, champion, TAKE_OVER_SHARE);
    this.catalog = catalog;
    this.cache = cache;
    this.count = count;
  }

  /** Applies what came in meanwhile; the owner thread calls it again and again. */
  public void advance() {
    similar.advance(WAIT);
  }

  /** Whether everything that was committed when asked can be found. */
  public boolean caughtUp() {
    return similar.caughtUp();
  }

  /** The space that answers now. */
  public String space() {
    return similar.space();
  }

  /**
   * The most similar stored images first.
   *
   * @param image JPEG, PNG, GIF, WebP, BMP or TIFF
   * @throws ImageRejectedException when it is none, damaged, or beyond the limits
   */
  public List<SimilarImages.Match> find(byte[] image) throws ImageRejectedException {
    String space = similar.space();
    if (model == null || !model.space().equals(space)) {
      LocalModel next = LocalModel.pull(catalog, space.substring(0, space.indexOf('/')), cache);
      if (model != null) {
        model.close();
      }
      model = next;
    }
    return similar.find(model.space(), model.embed(image), count);
  }

  @Override
  public void close() {
    similar.close();
    if (model != null) {
      model.close();
    }
  }

  /**
   * {@code FindSimilar KAFKA REGISTRY CACHE [TOPIC_PREFIX]}.
   *
   * @param arguments KAFKA: host:port, or a file of properties as Kafka's clients read it;
   *     REGISTRY: a directory or http(s)://host:port; CACHE: where releases are copied to
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length < 3 || arguments.length > 4) {
      System.err.println("usage: FindSimilar HOST:PORT|FILE REGISTRY CACHE [TOPIC_PREFIX]");
      System.exit(2);
    }
    Properties kafka = connection(arguments[0]);
    String prefix = arguments.length > 3 ? arguments[3] : "";
    ReleaseCatalog catalog = ModelRegistries.catalog(arguments[1], Optional.empty());
    try (FindSimilar similar =
        new FindSimilar(
            space -> FeatureStream.open(kafka, prefix, SpacePolicy.only(space)),
            catalog,
            Path.of(arguments[2]),
            10)) {
      similar.answer(
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)), System.out);
    }
  }

  private static Properties connection(String place) throws IOException {
    Properties kafka = new Properties();
    if (Files.isRegularFile(Path.of(place))) {
      try (BufferedReader file = Files.newBufferedReader(Path.of(place))) {
        kafka.load(file);
      }
    } else {
      kafka.setProperty("bootstrap.servers", place);
    }
    return kafka;
  }

  /**
   * Answers until the input ends. Paths are read on a thread of their own, so that the index stays
   * fresh while nobody asks.
   */
  void answer(BufferedReader paths, PrintStream out) throws InterruptedException {
    LinkedBlockingQueue<String> waiting = new LinkedBlockingQueue<>(MAX_WAITING);
    Thread reader = new Thread(() -> read(paths, waiting), "paths");
    reader.setDaemon(true);
    reader.start();
    boolean ready = false;
    while (true) {
      advance();
      if (!ready && caughtUp()) {
        ready = true;
        out.printf(
            Locale.ROOT, "%,d images in %s; name an image%n", similar.size(), similar.space());
      }
      String path = ready ? waiting.poll() : null;
      while (path != null) {
        if (path.equals(END)) {
          return;
        }
        answer(Path.of(path), out);
        path = waiting.poll();
      }
    }
  }

  private static void read(BufferedReader paths, LinkedBlockingQueue<String> waiting) {
    try {
      try {
        for (String line = paths.readLine(); line != null; line = paths.readLine()) {
          if (!line.isBlank()) {
            waiting.put(line.strip());
          }
        }
      } catch (IOException e) {
        LOG.error("the input can't be read any further", e);
      }
      waiting.put(END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(Path path, PrintStream out) {
    try {
      if (Files.size(path) > MAX_IMAGE_BYTES) {
        out.printf("%s: more than %d bytes%n", path, MAX_IMAGE_BYTES);
        return;
      }
      List<SimilarImages.Match> matches = find(Files.readAllBytes(path));
      out.printf("%s in %s%n", path, space());
      matches.forEach(
          match -> out.printf(Locale.ROOT, "  %.4f  %s%n", match.cosine(), match.imageId()));
    } catch (IOException e) {
      out.printf("%s can't be read: %s%n", path, e.getMessage());
    } catch (ImageRejectedException e) {
      out.printf("%s: %s%n", path, e.getMessage());
    }
  }
}
