package io.freshet.deploy.node;

import io.freshet.platform.config.Config;
import io.freshet.trainer.run.ProgressListener;
import io.freshet.trainer.run.TrainerRole;
import io.freshet.trainer.run.TrainerStatus;
import java.time.Duration;
import java.util.Optional;

/**
 * The trainer on a thread of its own. {@link #close} returns when its last checkpoint is durable.
 */
public final class TrainerThread implements AutoCloseable {
  private static final Duration STOP = Duration.ofSeconds(45);

  private final TrainerRole trainer;
  private final Thread thread;
  private volatile Throwable failure;

  private TrainerThread(Config config) {
    this.trainer = new TrainerRole(config, ProgressListener.NONE);
    this.thread = new Thread(this::train, "trainer");
    thread.setUncaughtExceptionHandler((where, error) -> failure = error);
  }

  static TrainerThread start(Config config) {
    TrainerThread started = new TrainerThread(config);
    started.thread.start();
    return started;
  }

  private void train() {
    try {
      trainer.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public TrainerStatus status() {
    return trainer.status();
  }

  /** Why it ended, if it did so by itself. */
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public void close() {
    trainer.requestStop();
    try {
      thread.join(STOP.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      throw new IllegalStateException(
          "the trainer didn't stop within %s; it resumes from its last checkpoint".formatted(STOP));
    }
  }
}
