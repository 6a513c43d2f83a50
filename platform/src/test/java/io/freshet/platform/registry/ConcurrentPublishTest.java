package io.freshet.platform.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.registry.PublishOutcome.Published;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConcurrentPublishTest {
  private static final int PUBLISHERS = 8;
  private static final int RELEASES = 10;
  private static final int READERS = 4;

  @TempDir Path temp;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicBoolean publishing = new AtomicBoolean(true);

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  /** Each publisher has its own instance, as another process would. */
  private ModelRegistry registry() {
    return ModelRegistries.open(new RegistryConfig(temp.resolve("registry")));
  }

  @Test
  void givesEachReleaseItsOwnNumberAndReadersWholeOnes()
      throws InterruptedException, ExecutionException, IOException {
    List<Future<List<Published>>> publishers = new ArrayList<>();
    for (int p = 0; p < PUBLISHERS; p++) {
      publishers.add(threads.submit(publisher(p)));
    }
    List<Future<Integer>> readers = new ArrayList<>();
    for (int r = 0; r < READERS; r++) {
      readers.add(threads.submit(this::readUntilPublished));
    }
    Map<ModelVersion, Published> winners = new HashMap<>();
    for (Future<List<Published>> publisher : publishers) {
      for (Published published : publisher.get()) {
        assertEquals(null, winners.put(published.version(), published), "two have one number");
      }
    }
    publishing.set(false);
    for (Future<Integer> reader : readers) {
      assertTrue(reader.get() > 0, "a reader saw nothing");
    }
    List<ModelVersion> contiguous =
        IntStream.rangeClosed(1, PUBLISHERS * RELEASES)
            .mapToObj(n -> new ModelVersion("freshet", n))
            .toList();
    assertEquals(contiguous, registry().versions());
    for (ModelVersion version : contiguous) {
      assertEquals(winners.get(version).manifest(), registry().manifest(version));
    }
    try (Stream<Path> left = Files.list(temp.resolve("registry/tmp"))) {
      assertEquals(List.of(), left.toList());
    }
  }

  private Callable<List<Published>> publisher(int publisher) {
    return () -> {
      ModelRegistry registry = registry();
      List<Published> published = new ArrayList<>();
      for (int n = 0; n < RELEASES; n++) {
        byte mark = (byte) (publisher * RELEASES + n);
        Path staged = Releases.directory(temp, "staged-" + mark, mark, 20_000);
        PublishOutcome outcome =
            registry.publish("freshet", staged, Releases.release("run-" + publisher, mark));
        published.add(assertInstanceOf(Published.class, outcome));
        registry.moveAlias("champion", published.get(n).version());
      }
      return published;
    };
  }

  private int readUntilPublished() throws IOException {
    ModelRegistry registry = registry();
    int read = 0;
    while (publishing.get() || read == 0) {
      Optional<ModelVersion> champion = registry.resolve("champion");
      if (champion.isPresent()) {
        assertOneRelease(registry, champion.get());
        read++;
      }
      List<ModelVersion> seen = registry.versions();
      for (int i = 0; i < seen.size(); i++) {
        assertEquals(i + 1, seen.get(i).version(), "a gap in " + seen);
      }
    }
    return read;
  }

  /** Every file carries the mark of the release that the manifest names. */
  private static void assertOneRelease(ModelRegistry registry, ModelVersion version)
      throws IOException {
    byte mark = (byte) registry.manifest(version).step();
    Path release = registry.open(version);
    for (String file : registry.manifest(version).files().keySet()) {
      assertEquals(mark, Files.readAllBytes(release.resolve(file))[0], version + " " + file);
    }
  }
}
