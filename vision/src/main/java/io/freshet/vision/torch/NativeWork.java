package io.freshet.vision.torch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the JVM from ending while a thread is inside native code.
 *
 * <p>Guarantee: when the JVM ends (SIGTERM, {@code System.exit}), first every registered {@link
 * Stop} runs and may still compute (a last checkpoint), then new calls are refused, then running
 * calls finish; only then do C++ destructors run. Work that outlasts the grace period makes the
 * process halt without destructors: an untidy end, but no crash.
 *
 * <p>Thread-safe.
 */
public final class NativeWork {

  private static final Logger LOG = LoggerFactory.getLogger(NativeWork.class);
  private static final long DRAIN_POLL_MILLIS = 2;

  /** Asks the owner's threads to stop and returns when they have, or when interrupted. */
  @FunctionalInterface
  public interface Stop {
    void stopAndJoin() throws InterruptedException;
  }

  /** Ends a registration; to be closed once the work has ended by itself. */
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  private record Registered(String name, Stop stop) {}

  private final Duration grace;
  private final Runnable onOverrun;
  private final Set<Registered> registered = ConcurrentHashMap.newKeySet();
  private final AtomicInteger running = new AtomicInteger();
  private volatile boolean refusing;

  NativeWork(Duration grace, Runnable onOverrun) {
    this.grace = grace;
    this.onOverrun = onOverrun;
  }

  /** Registers work that must stop before the JVM ends, for example a training thread. */
  public Registration register(String name, Stop stop) {
    Registered entry = new Registered(name, stop);
    registered.add(entry);
    return () -> registered.remove(entry);
  }

  /** Registers a thread that ends soon after it is interrupted. */
  public Registration registerThread(Thread thread) {
    return register(
        thread.getName(),
        () -> {
          thread.interrupt();
          thread.join();
        });
  }

  /** Enters native code; every call is matched by {@link #leave} in a finally block. */
  void enter() {
    running.incrementAndGet();
    if (refusing) {
      running.decrementAndGet();
      throw new IllegalStateException("torch accepts no more calls: the JVM is ending");
    }
  }

  void leave() {
    running.decrementAndGet();
  }

  void shutDown() {
    long deadline = System.nanoTime() + grace.toNanos();
    boolean tidy = stopRegistered(deadline);
    refusing = true;
    tidy &= drain(deadline);
    if (!tidy) {
      onOverrun.run();
    }
  }

  private boolean stopRegistered(long deadline) {
    List<Thread> stoppers = new ArrayList<>();
    for (Registered entry : registered) {
      Thread stopper = new Thread(() -> stop(entry), "torch-stop-" + entry.name());
      stopper.setDaemon(true);
      stopper.start();
      stoppers.add(stopper);
    }
    boolean tidy = true;
    for (Thread stopper : stoppers) {
      tidy &= joinUntil(stopper, deadline);
    }
    return tidy;
  }

  private static void stop(Registered entry) {
    try {
      entry.stop().stopAndJoin();
    } catch (InterruptedException e) {
      LOG.warn("stopping {} was interrupted", entry.name(), e);
      Thread.currentThread().interrupt();
    }
  }

  private static boolean joinUntil(Thread thread, long deadline) {
    try {
      long millis = Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
      thread.join(millis);
      return !thread.isAlive();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private boolean drain(long deadline) {
    while (running.get() > 0) {
      if (System.nanoTime() > deadline) {
        LOG.warn("{} native calls still run after {}", running.get(), grace);
        return false;
      }
      try {
        Thread.sleep(DRAIN_POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  /** Ends the process without C++ destructors; the status is that of an unhandled SIGTERM. */
  static void halt() {
    LOG.error("native work did not stop in time: halting");
    Runtime.getRuntime().halt(143);
  }
}
