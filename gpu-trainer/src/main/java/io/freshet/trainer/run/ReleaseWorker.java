package io.freshet.trainer.run;

import io.freshet.trainer.background.BackgroundThread;
import io.freshet.trainer.branch.BranchStoppedException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes releases beside training. At most one is in flight; one that fails (a branch that isn't
 * finite, disk full, registry not there) is logged and counted, and training goes on to the next.
 * So it does after one that was kept back, which can be made anew.
 *
 * <p>Methods belong to the training thread, which closes it.
 */
final class ReleaseWorker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReleaseWorker.class);

  private final ReleasePipeline pipeline;
  private final StatusBoard board;
  private final BackgroundThread thread = new BackgroundThread("freshet-release");
  private Future<Optional<CurationModel.Measured>> inFlight =
      CompletableFuture.completedFuture(Optional.empty());
  private volatile boolean keptBack;

  ReleaseWorker(ReleasePipeline pipeline, StatusBoard board) {
    this.pipeline = pipeline;
    this.board = board;
  }

  /** Whether no release is in flight. */
  boolean idle() {
    return inFlight.isDone();
  }

  /** Whether an alarm kept the newest release back, which is at its end. */
  boolean keptBack() {
    return keptBack;
  }

  /**
   * Starts on a release.
   *
   * @throws IllegalStateException when one is in flight
   */
  void submit(ReleaseRequest request) {
    if (!idle()) {
      throw new IllegalStateException(
          "step %d can't be released while another release is in flight"
              .formatted(request.snapshot().step()));
    }
    keptBack = false;
    inFlight = thread.submit(() -> release(request));
  }

  /**
   * Waits for the release in flight and takes what it measured of a new curation model; that is
   * handed out once.
   */
  Optional<CurationModel.Measured> result() throws InterruptedException {
    try {
      Optional<CurationModel.Measured> measured = inFlight.get();
      inFlight = CompletableFuture.completedFuture(Optional.empty());
      return measured;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the release thread failed", e.getCause());
    }
  }

  private Optional<CurationModel.Measured> release(ReleaseRequest request) {
    long step = request.snapshot().step();
    try {
      return pipeline.release(request);
    } catch (BranchStoppedException e) {
      LOG.info(
          "the release of step {} was left ({}); the next start makes up for it",
          step,
          e.getMessage());
    } catch (ReleaseKeptBackException e) {
      keptBack = true;
      board.releaseFailed();
      LOG.error("the release of step {} is kept back: {}", step, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      board.releaseFailed();
      LOG.error("the release of step {} failed; training goes on", step, e);
    } finally {
      board.releasing("");
    }
    return Optional.empty();
  }

  /**
   * Leaves a branch in flight between two of its steps and waits for what can't be left: files and
   * announcements must not be half done.
   */
  @Override
  public void close() {
    pipeline.stop();
    thread.close();
  }
}
