package io.freshet.curator.job;

import io.freshet.curator.retrieval.Seed;
import io.freshet.curator.retrieval.SeedIndex;
import io.freshet.curator.retrieval.SeedIndexPlan;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.Vector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Embeds the seeds in the space of alias {@code curation} and indexes them, in rounds on a thread
 * of its own, so that the task thread never waits for a model. A round takes all changes that were
 * submitted before it began and follows the alias; where no model can be had it is tried again.
 *
 * <p>All methods are the task thread's and return at once. The embedder and what is kept of the
 * seeds are the worker thread's; the two meet in the queue of changes and in what is ready.
 */
final class SeedPreparation implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SeedPreparation.class);
  private static final long STOP_SECONDS = 30;

  /** Until a round that found no model to embed with is tried again. */
  private static final long LOOK_AGAIN_MILLIS = 500;

  private final AliasEmbedder embedder;
  private final ScheduledExecutorService worker;
  private final Queue<Change> changes = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final AtomicLong requests = new AtomicLong();
  private final AtomicReference<Prepared> ready = new AtomicReference<>();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  // The worker's.
  private final Map<String, Embedded> seeds = new TreeMap<>();
  private SeedIndex index;

  SeedPreparation(AliasEmbedder embedder, SeedIndexPlan plan) {
    this.embedder = embedder;
    this.index = SeedIndex.empty(plan);
    this.worker =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "curation-seeds");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * A seed that came or went.
   *
   * @param seed empty when it went
   * @param known its vector, if there is one in any space
   */
  private record Change(
      String key, long offset, Optional<SeedImage> seed, Optional<Vector> known) {}

  /** A vector that was computed for the seed at this offset. */
  record Fresh(long offset, Vector vector) {}

  private record Embedded(SeedImage image, long offset, Vector vector, Seed seed) {}

  /**
   * Seeds that a window can ask.
   *
   * @param request the last request that is in it
   * @param space of all vectors
   * @param fresh the vectors by seed key that were computed since the last time that any were taken
   */
  record Prepared(long request, CurationSpace space, SeedIndex index, Map<String, Fresh> fresh) {
    private Prepared after(Prepared untaken) {
      if (untaken == null) {
        return this;
      }
      Map<String, Fresh> all = new HashMap<>(untaken.fresh());
      all.putAll(fresh);
      return new Prepared(request, space, index, all);
    }
  }

  /**
   * Adds a seed or replaces it.
   *
   * @param known its vector, if there is one in any space
   * @return the request that this is
   */
  long submit(String key, long offset, SeedImage seed, Optional<Vector> known) {
    changes.add(new Change(key, offset, Optional.of(seed), known));
    return request();
  }

  /**
   * Takes a seed out.
   *
   * @return the request that this is
   */
  long withdraw(String key) {
    changes.add(new Change(key, 0, Optional.empty(), Optional.empty()));
    return request();
  }

  /**
   * Asks for a round, which looks where the alias points.
   *
   * @return the request that this is
   */
  long request() {
    long request = requests.incrementAndGet();
    if (scheduled.compareAndSet(false, true)) {
      worker.execute(this::round);
    }
    return request;
  }

  /**
   * What became ready since the last call; of several rounds the last.
   *
   * @throws IllegalStateException when a round failed
   */
  Optional<Prepared> take() {
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException(
          "the seeds can't be prepared: " + failed.getMessage(), failed);
    }
    return Optional.ofNullable(ready.getAndSet(null));
  }

  /** Embeds other images between two rounds, in the space of the round before. */
  CompletableFuture<Map<String, Vector>> embed(Map<String, BlobRef> images) {
    return CompletableFuture.supplyAsync(() -> embedder.embed(images), worker);
  }

  /** Runs anything between two rounds. */
  <T> CompletableFuture<T> run(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, worker);
  }

  /** Stops the worker after the batch that it is at, and closes the embedder. */
  @Override
  public void close() {
    worker.shutdownNow();
    try {
      if (worker.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        embedder.close();
      } else {
        LOG.warn("the seeds' worker runs on after {} s; its model stays open", STOP_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void round() {
    try {
      scheduled.set(false);
      long request = requests.get();
      if (!embedder.followAlias()) {
        lookAgain();
        return;
      }
      for (Change change = changes.poll(); change != null; change = changes.poll()) {
        apply(change);
      }
      Map<String, Fresh> fresh = embedStale();
      index = index.rebuilt(distinct());
      Prepared prepared = new Prepared(request, embedder.space(), index, fresh);
      ready.updateAndGet(prepared::after);
    } catch (Throwable e) { // The top of this thread; take() hands it on.
      failure.compareAndSet(null, e);
    }
  }

  private void lookAgain() {
    if (scheduled.compareAndSet(false, true)) {
      ScheduledFuture<?> unused =
          worker.schedule(this::round, LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void apply(Change change) {
    if (change.seed().isEmpty()) {
      seeds.remove(change.key());
      return;
    }
    Vector known = change.known().orElse(null);
    seeds.put(change.key(), embedded(change.seed().orElseThrow(), change.offset(), known));
  }

  /** A vector of another space is none. */
  private Embedded embedded(SeedImage image, long offset, Vector vector) {
    CurationSpace space = embedder.space();
    if (!space.holds(vector)) {
      return new Embedded(image, offset, null, null);
    }
    Seed seed = new Seed(image.getImageId(), image.getDataset(), space.elements(vector));
    return new Embedded(image, offset, vector, seed);
  }

  private Map<String, Fresh> embedStale() {
    Map<String, BlobRef> stale = new TreeMap<>();
    seeds.forEach(
        (key, seed) -> {
          if (!embedder.space().holds(seed.vector())) {
            stale.put(key, seed.image().getBlob());
          }
        });
    Map<String, Vector> vectors = embedder.embed(stale);
    Map<String, Fresh> fresh = new HashMap<>();
    for (String key : stale.keySet()) {
      Embedded before = seeds.get(key);
      Vector vector = vectors.get(key);
      seeds.put(key, embedded(before.image(), before.offset(), vector));
      if (vector != null) {
        fresh.put(key, new Fresh(before.offset(), vector));
      }
    }
    return fresh;
  }

  /** Each image once a dataset, however many files it is registered as. */
  private List<Seed> distinct() {
    Map<String, Seed> distinct = new TreeMap<>();
    for (Embedded embedded : seeds.values()) {
      Seed seed = embedded.seed();
      if (seed != null) {
        distinct.putIfAbsent(seed.dataset() + "/" + seed.imageId(), seed);
      }
    }
    return new ArrayList<>(distinct.values());
  }
}
