package io.freshet.trainer.run;

import io.freshet.platform.config.Config;
import io.freshet.trainer.run.TrainerStatus.Phase;
import io.freshet.vision.torch.NativeWork;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchSettings;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The trainer as a role of a process: it learns from {@code image.curated} until it is asked to
 * stop, and publishes releases on the way.
 *
 * <p>{@link #run} owns the thread that calls it; everything else may be called from any thread. A
 * stop finishes the step, writes a checkpoint and closes all; the JVM's end asks for one by itself
 * and waits for it, because a thread inside libtorch must not outlive the C++ runtime. One instance
 * runs once.
 */
public final class TrainerRole {
  private static final Logger LOG = LoggerFactory.getLogger(TrainerRole.class);

  private final TrainerSettings settings;
  private final Clock clock;
  private final StatusBoard board;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean stopRequested;

  /**
   * @throws io.freshet.platform.config.ConfigException when a section of {@code trainer} is refused
   */
  public TrainerRole(Config config, ProgressListener listener) {
    this(config, listener, Clock.systemUTC());
  }

  TrainerRole(Config config, ProgressListener listener, Clock clock) {
    this.settings = TrainerSettings.of(config);
    this.clock = clock;
    this.board = new StatusBoard(listener);
  }

  /**
   * Starts libtorch with the trainer's threads. Before anything else of a process that starts it
   * too, for the first start counts.
   */
  public static TorchRuntime startTorch(Config config) {
    return startTorch(TrainerSettings.of(config));
  }

  private static TorchRuntime startTorch(TrainerSettings settings) {
    return TorchRuntime.start(TorchSettings.defaults().withThreads(settings.run().torchThreads()));
  }

  /**
   * Trains until {@link #requestStop}, the configured last step, or a failure, which is thrown
   * after everything was closed; the newest checkpoint is then the place to go on from.
   *
   * @throws InterruptedException when the thread is interrupted while waiting
   */
  public void run() throws InterruptedException {
    try {
      TorchRuntime runtime = startTorch(settings);
      NativeWork.Registration registration = runtime.work().register("trainer", this::stopAndJoin);
      try {
        new TrainingSession(settings, runtime, board, clock, () -> stopRequested).run();
      } finally {
        registration.close();
      }
      board.enter(Phase.STOPPED, "");
    } catch (RuntimeException | InterruptedException e) {
      LOG.error("the trainer failed at step {}", board.snapshot().step(), e);
      board.enter(Phase.FAILED, e.toString());
      throw e;
    } finally {
      ended.countDown();
    }
  }

  /** Asks {@link #run} to return soon; returns at once. */
  public void requestStop() {
    stopRequested = true;
  }

  private void stopAndJoin() throws InterruptedException {
    requestStop();
    ended.await();
  }

  /** Where the trainer stands. */
  public TrainerStatus status() {
    return board.snapshot();
  }
}
