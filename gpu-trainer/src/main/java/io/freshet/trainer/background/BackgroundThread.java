package io.freshet.trainer.background;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * One thread that does what is handed to it, in that order, while its owner goes on. Tasks are
 * never interrupted, for they write what others rely on. Owned by the thread that closes it.
 */
public final class BackgroundThread implements AutoCloseable {
  private final ExecutorService thread;

  public BackgroundThread(String name) {
    this.thread = Executors.newSingleThreadExecutor(task -> new Thread(task, name));
  }

  public <T> Future<T> submit(Callable<T> task) {
    return thread.submit(task);
  }

  /** Waits for everything that was handed over; an interrupt is kept for the caller until then. */
  @Override
  public void close() {
    thread.shutdown();
    boolean interrupted = false;
    while (!thread.isTerminated()) {
      try {
        thread.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
