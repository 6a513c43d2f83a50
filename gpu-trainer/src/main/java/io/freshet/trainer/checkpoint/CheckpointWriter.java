package io.freshet.trainer.checkpoint;

import io.freshet.trainer.background.BackgroundThread;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes checkpoints in the background: the training thread copies its tensors to the heap and goes
 * on while this writes them. At most one is in flight.
 *
 * <p>A write that fails (disk full) loses nothing: the older checkpoints stay, it is logged and
 * counted, and the next one is tried. A state that is not finite is not written at all; the
 * training thread learns of it by {@link #takeRefusal} and goes back to {@link #newestGood}. Owned
 * by the training thread, which closes it.
 */
public final class CheckpointWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointWriter.class);

  private final CheckpointDirectory directory;
  private final BackgroundThread thread = new BackgroundThread("freshet-checkpoint");
  private Future<Long> inFlight = CompletableFuture.completedFuture(-1L);
  private volatile long durableStep = -1;
  private final AtomicLong failures = new AtomicLong();
  private volatile Optional<String> lastFailure = Optional.empty();
  private volatile Optional<Checkpoint> newestGood = Optional.empty();
  private final AtomicReference<NonFiniteStateException> refusal = new AtomicReference<>();

  public CheckpointWriter(CheckpointDirectory directory) {
    this.directory = directory;
  }

  /** Whether the previous write has ended, so that {@link #submit} won't wait. */
  public boolean idle() {
    return inFlight.isDone();
  }

  /** Hands a checkpoint over; waits while an earlier one is still being written. */
  public void submit(Checkpoint checkpoint) throws InterruptedException {
    await();
    inFlight = thread.submit(() -> write(checkpoint));
  }

  /** Waits until what was submitted is durable or has failed. */
  public void await() throws InterruptedException {
    try {
      inFlight.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the checkpoint thread failed", e.getCause());
    }
  }

  private long write(Checkpoint checkpoint) {
    long step = checkpoint.position().step();
    try {
      directory.write(checkpoint);
      newestGood = Optional.of(checkpoint);
      durableStep = step;
    } catch (NonFiniteStateException e) {
      failures.incrementAndGet();
      lastFailure = Optional.of(e.getMessage());
      refusal.set(e);
      LOG.error("no checkpoint of step {}: {}", step, e.getMessage());
    } catch (IOException e) {
      // It was found finite before the disk was asked.
      newestGood = Optional.of(checkpoint);
      failures.incrementAndGet();
      lastFailure = Optional.of("step " + step + ": " + e);
      LOG.error("checkpoint of step {} was not written; the older ones stay", step, e);
    }
    return durableStep;
  }

  /** Step of the newest durable checkpoint that this wrote, or -1. */
  public long durableStep() {
    return durableStep;
  }

  /** The newest submitted checkpoint whose state was found finite, durable or not. */
  public Optional<Checkpoint> newestGood() {
    return newestGood;
  }

  /** Why a state was not saved since this was asked last; empty when each was finite. */
  public Optional<NonFiniteStateException> takeRefusal() {
    return Optional.ofNullable(refusal.getAndSet(null));
  }

  public long failures() {
    return failures.get();
  }

  public Optional<String> lastFailure() {
    return lastFailure;
  }

  /** Waits for the write in flight: the directory must not be left to a second writer. */
  @Override
  public void close() {
    thread.close();
  }
}
