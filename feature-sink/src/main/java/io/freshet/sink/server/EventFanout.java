package io.freshet.sink.server;

import io.javalin.http.sse.SseClient;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the newest state to every page that listens. A page that reads slowly misses states and
 * holds nobody up: one write at a time waits for it, on a thread of its own, until the server's
 * idle timeout ends the connection.
 *
 * <p>Thread-safe; whoever made it closes it.
 */
final class EventFanout implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventFanout.class);
  private static final long IDLE_SECONDS = 30;

  private final int capacity;
  private final ExecutorService writers;
  private final Map<SseClient, AtomicBoolean> writing = new ConcurrentHashMap<>();

  /**
   * @param capacity pages at most, and threads
   */
  EventFanout(int capacity) {
    this.capacity = capacity;
    this.writers =
        new ThreadPoolExecutor(
            0, capacity, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), this::thread);
  }

  boolean isEmpty() {
    return writing.isEmpty();
  }

  /** Whether no more pages are taken. */
  boolean isFull() {
    return writing.size() >= capacity;
  }

  /** Takes a page until it leaves; closes it when there are too many. */
  void add(SseClient client, String event, String state) {
    AtomicBoolean busy = new AtomicBoolean();
    synchronized (this) {
      if (isFull()) {
        client.close();
        return;
      }
      client.keepAlive();
      client.onClose(() -> writing.remove(client));
      writing.put(client, busy);
    }
    write(client, busy, event, state);
  }

  /** Sends a state to all that have taken the one before. Returns at once. */
  void send(String event, String state) {
    writing.forEach((client, busy) -> write(client, busy, event, state));
  }

  private void write(SseClient client, AtomicBoolean busy, String event, String state) {
    if (!busy.compareAndSet(false, true)) {
      return;
    }
    try {
      writers.execute(
          () -> {
            try {
              client.sendEvent(event, state);
            } catch (RuntimeException e) {
              LOG.debug("a page left: {}", e.toString());
              writing.remove(client);
              client.close();
            } finally {
              busy.set(false);
            }
          });
    } catch (RejectedExecutionException e) {
      // All threads wait for pages that left meanwhile, or the server stops: the next state is
      // near.
      busy.set(false);
    }
  }

  private Thread thread(Runnable work) {
    Thread thread = new Thread(work, "console-events");
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public void close() {
    writers.shutdownNow();
  }
}
