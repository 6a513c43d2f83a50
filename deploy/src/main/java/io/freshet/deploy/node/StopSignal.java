package io.freshet.deploy.node;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C and SIGTERM into a request that the main thread sees, and keeps the process alive
 * until that thread has stopped everything. The process then ends with the main thread's own exit
 * code: a stop that was asked for is no failure.
 *
 * <p>One per process. Thread-safe.
 */
public final class StopSignal {
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Duration patience;
  private volatile int exitCode = 1;

  /**
   * Listens from now on.
   *
   * @param patience how long a stop may take before the process ends anyhow
   */
  public StopSignal(Duration patience) {
    this.patience = patience;
    Runtime.getRuntime().addShutdownHook(new Thread(this::onShutdown, "stop-signal"));
  }

  /** Waits; true as soon as the process was asked to stop. */
  public boolean await(Duration most) {
    try {
      return asked.await(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** The main thread has stopped everything. */
  public void stopped(int code) {
    exitCode = code;
    stopped.countDown();
  }

  private void onShutdown() {
    if (stopped.getCount() == 0) {
      return; // The main thread ends by itself.
    }
    asked.countDown();
    try {
      if (!stopped.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        System.err.println("freshet: no clean stop within " + patience + "; state stays valid");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(exitCode);
  }
}
