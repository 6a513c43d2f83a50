package io.freshet.platform.flink;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.util.CloseableIterator;

/**
 * What a job over {@link BoundedTopics} gives, one after the other. One owner thread, which closes
 * it.
 */
public final class BoundedResults<E> implements Iterator<E>, AutoCloseable {
  private static final long LONGEST_WAIT_SECONDS = 60;

  private final CloseableIterator<E> results;
  private final JobClient client;
  private boolean ended;

  BoundedResults(CloseableIterator<E> results, JobClient client) {
    this.results = results;
    this.client = client;
  }

  /**
   * Waits for a result.
   *
   * @throws JobException when the job failed
   */
  @Override
  public boolean hasNext() {
    boolean next;
    try {
      next = results.hasNext();
    } catch (RuntimeException e) {
      throw new JobException("the job failed: " + rootOf(e).getMessage(), e);
    }
    if (!next && !ended) {
      ended = true;
      await(client.getJobExecutionResult());
    }
    return next;
  }

  @Override
  public E next() {
    return results.next();
  }

  /** What operators that have ended counted, by the names of their accumulators. */
  public Map<String, Long> counts() {
    Map<String, ?> counted =
        ended
            ? await(client.getJobExecutionResult()).getAllAccumulatorResults()
            : await(client.getAccumulators());
    Map<String, Long> counts = new HashMap<>();
    counted.forEach(
        (name, value) -> {
          if (value instanceof Long count) {
            counts.put(name, count);
          }
        });
    return counts;
  }

  private static <V> V await(CompletableFuture<V> future) {
    try {
      return future.get(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new JobException("the job failed: " + rootOf(e).getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new JobException(
          "the job gave no answer within %d s".formatted(LONGEST_WAIT_SECONDS), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JobException("interrupted while waiting for the job", e);
    }
  }

  private static Throwable rootOf(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** Ends the job, if results are left. */
  @Override
  public void close() {
    if (ended) {
      return;
    }
    try {
      results.close();
    } catch (Exception e) {
      throw new JobException("the job can't be ended: " + e.getMessage(), e);
    }
  }
}
