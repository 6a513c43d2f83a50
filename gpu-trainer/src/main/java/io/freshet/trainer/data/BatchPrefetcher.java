package io.freshet.trainer.data;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Prepares batches ahead of the training thread, which alone submits, takes and closes. Batches
 * come out in the order in which their plans went in; how many wait is up to the caller.
 */
public final class BatchPrefetcher implements AutoCloseable {
  private static final Duration STOP = Duration.ofSeconds(30);

  private final BatchMaker maker;
  private final ExecutorService threads;
  private final ArrayDeque<Future<PreparedBatch>> queue = new ArrayDeque<>();

  /** A batch and how long the training thread stood still for it. */
  public record Delivery(PreparedBatch prepared, Duration waited) {}

  /**
   * @param decodeThreads threads that decode and augment, at least 1
   */
  public BatchPrefetcher(BatchMaker maker, int decodeThreads) {
    this.maker = maker;
    AtomicInteger number = new AtomicInteger();
    this.threads =
        Executors.newFixedThreadPool(
            decodeThreads,
            task -> {
              Thread thread = new Thread(task, "freshet-decode-" + number.getAndIncrement());
              thread.setDaemon(true);
              return thread;
            });
  }

  public void submit(BatchPlan plan) {
    queue.addLast(threads.submit(() -> maker.make(plan)));
  }

  /** Plans that were submitted and not taken. */
  public int ahead() {
    return queue.size();
  }

  /** The next batch; waits for it. */
  public Delivery take() throws InterruptedException {
    if (queue.isEmpty()) {
      throw new IllegalStateException("no plan was submitted; there is nothing to take");
    }
    long start = System.nanoTime();
    try {
      PreparedBatch prepared = queue.removeFirst().get();
      return new Delivery(prepared, Duration.ofNanos(System.nanoTime() - start));
    } catch (ExecutionException e) {
      throw new IllegalStateException("a batch could not be prepared", e.getCause());
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    try {
      threads.awaitTermination(STOP.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
