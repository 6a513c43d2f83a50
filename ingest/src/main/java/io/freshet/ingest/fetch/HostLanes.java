package io.freshet.ingest.fetch;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Runs tasks on a pool, only so many of one host at a time; the others of that host wait in order
 * without holding a thread, so a slow host doesn't stop the rest.
 *
 * <p>Thread-safe. The number of waiting tasks is the caller's to limit. Tasks that wait when the
 * pool shuts down are dropped.
 */
public final class HostLanes {
  private static final class Lane {
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int running;
  }

  private final Executor pool;
  private final int perHost;
  private final Map<String, Lane> lanes = new HashMap<>();

  /**
   * @param perHost tasks of one host that run at a time
   */
  public HostLanes(Executor pool, int perHost) {
    this.pool = pool;
    this.perHost = perHost;
  }

  public void submit(String host, Runnable task) {
    synchronized (lanes) {
      Lane lane = lanes.computeIfAbsent(host, unused -> new Lane());
      if (lane.running == perHost) {
        lane.waiting.add(task);
        return;
      }
      lane.running++;
    }
    start(host, task);
  }

  private void start(String host, Runnable task) {
    try {
      pool.execute(
          () -> {
            try {
              task.run();
            } finally {
              finished(host);
            }
          });
    } catch (RejectedExecutionException e) {
      forget(host);
    }
  }

  private void finished(String host) {
    Runnable next;
    synchronized (lanes) {
      Lane lane = lanes.get(host);
      if (lane == null) {
        return;
      }
      next = lane.waiting.poll();
      if (next == null && --lane.running == 0) {
        lanes.remove(host);
      }
    }
    if (next != null) {
      start(host, next);
    }
  }

  private void forget(String host) {
    synchronized (lanes) {
      lanes.remove(host);
    }
  }

  /** Hosts with a task that runs or waits. */
  int hosts() {
    synchronized (lanes) {
      return lanes.size();
    }
  }
}
