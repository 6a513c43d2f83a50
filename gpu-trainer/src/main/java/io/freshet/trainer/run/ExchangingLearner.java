package io.freshet.trainer.run;

import io.freshet.trainer.exchange.Exchange;
import io.freshet.trainer.exchange.ExchangeMessage;
import io.freshet.trainer.exchange.ExchangeWorker;
import io.freshet.trainer.exchange.ExchangeWorker.Phase;
import io.freshet.trainer.exchange.OuterState;
import io.freshet.trainer.exchange.OuterStep;
import io.freshet.trainer.exchange.ParameterLayout;
import io.freshet.trainer.parallel.ParallelConfig;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.watch.Probe;
import io.freshet.trainer.watch.ProbeReading;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains with other processes: after every H steps it hands in what it learned, waits for the
 * others, and goes on from what all learned. Schedules follow the rounds, not this worker's count
 * of steps, so that one who joins late isn't warmed up again. A step returns late while the worker
 * waits; asked to stop, it waits no more.
 */
final class ExchangingLearner implements Learner {
  private static final Logger LOG = LoggerFactory.getLogger(ExchangingLearner.class);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Learner learner;
  private final Exchange exchange;
  private final ExchangeWorker worker;
  private final ParameterLayout layout;
  private final TrainingSchedules schedules;
  private final int innerSteps;
  private final BooleanSupplier stopping;
  private boolean joined;
  private OuterState base;
  private int done;
  private long images;

  /**
   * @param learner takes the steps; closed by this
   * @param exchange closed by this
   * @param id unique for each start of a worker
   * @param stopping asked while it waits for others
   */
  ExchangingLearner(
      ParallelConfig config,
      Learner learner,
      Exchange exchange,
      String id,
      TrainingSchedules schedules,
      BooleanSupplier stopping) {
    StepSnapshot now = learner.snapshot();
    this.learner = learner;
    this.exchange = exchange;
    this.layout = ParameterLayout.of(now);
    this.schedules = schedules;
    this.innerSteps = config.innerSteps();
    this.stopping = stopping;
    this.base = layout.initial(now);
    OuterStep outerStep =
        OuterStep.of(config.outerLearningRate(), config.outerMomentum(), schedules, innerSteps);
    this.worker = new ExchangeWorker(id, exchange, outerStep, config.patience(), base);
  }

  @Override
  public StepResult train(TrainingBatch batch, StepSettings settings, RandomGenerator random) {
    if (!joined) {
      joined = true;
      worker.join(System.nanoTime());
      awaitTraining();
      adopt();
    }
    StepResult result =
        learner.train(batch, schedules.at(base.round() * innerSteps + done), random);
    done++;
    images += result.skipped() ? 0 : batch.images();
    hear(Duration.ZERO);
    if (overtaken()) {
      LOG.warn(
          "round {} ended without this worker's {} steps; it goes on from round {}",
          base.round(),
          done,
          worker.outer().orElseThrow().round());
      adopt();
    } else if (done == innerSteps && worker.phase() == Phase.TRAINING) {
      worker.deliver(layout.contribution(base, learner.snapshot()), images, System.nanoTime());
      awaitTraining();
      adopt();
    }
    return result;
  }

  private boolean overtaken() {
    return worker.outer().map(outer -> outer.round() != base.round()).orElse(false);
  }

  private void awaitTraining() {
    while (worker.phase() != Phase.TRAINING && !stopping.getAsBoolean()) {
      hear(PAUSE);
      worker.tick(System.nanoTime());
    }
  }

  private void hear(Duration patience) {
    try {
      for (ExchangeMessage message : exchange.poll(patience)) {
        worker.receive(message, System.nanoTime());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while listening to the other workers", e);
    }
  }

  /** Goes on from the newest outer state; without one, when asked to stop, from where it is. */
  private void adopt() {
    if (worker.phase() == Phase.TRAINING) {
      base = worker.outer().orElseThrow();
      done = 0;
      images = 0;
      learner.rollBack(layout.adopt(base, learner.snapshot()));
    }
  }

  @Override
  public ProbeReading read(Probe probe, double teacherTemperature) {
    return learner.read(probe, teacherTemperature);
  }

  @Override
  public StepSnapshot snapshot() {
    return learner.snapshot();
  }

  @Override
  public void rollBack(StepSnapshot good) {
    learner.rollBack(good);
    adopt();
  }

  @Override
  public void close() {
    try {
      if (joined) {
        worker.leave();
      }
    } finally {
      try {
        exchange.close();
      } finally {
        learner.close();
      }
    }
  }
}
