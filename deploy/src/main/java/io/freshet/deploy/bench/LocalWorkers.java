package io.freshet.deploy.bench;

import io.freshet.trainer.exchange.Exchange;
import io.freshet.trainer.exchange.ExchangeMessage;
import io.freshet.trainer.exchange.ExchangeWorker;
import io.freshet.trainer.exchange.ExchangeWorker.Phase;
import io.freshet.trainer.exchange.LocalExchange;
import io.freshet.trainer.exchange.OuterState;
import io.freshet.trainer.exchange.OuterStep;
import io.freshet.trainer.exchange.ParameterLayout;
import io.freshet.trainer.parallel.ParallelConfig;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.step.TrainingStep;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Workers of one process that train one model and exchange rarely: each takes the steps of a round
 * on its own thread, hands in what they led to, and goes on from what all learned. The exchange is
 * on the heap, where processes have a broker and a blob store.
 */
final class LocalWorkers implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMillis(20);

  private final TrainingConfig recipe;
  private final ParallelConfig parallel;
  private final TorchScriptLibrary scripts;
  private final List<TrainingBatch> batches;
  private final TrainingSchedules schedules;
  private final List<Worker> workers = new ArrayList<>();
  private final ExecutorService threads;

  /**
   * @param parallel number of workers, steps of a round and the outer step
   * @param scripts stays the caller's
   * @param batches are seen in turn, each worker beginning at another
   */
  LocalWorkers(
      TrainingConfig recipe,
      ParallelConfig parallel,
      TorchScriptLibrary scripts,
      List<TrainingBatch> batches,
      long seed) {
    this.recipe = recipe;
    this.parallel = parallel;
    this.scripts = scripts;
    this.batches = List.copyOf(batches);
    this.schedules = TrainingSchedules.of(recipe.schedule(), recipe.batchImages());
    this.threads = Executors.newFixedThreadPool(parallel.workers());
    LocalExchange exchange = new LocalExchange(2 * parallel.workers() + 1);
    for (int i = 0; i < parallel.workers(); i++) {
      workers.add(new Worker(i, exchange.open(), seed));
    }
    // All are members before the first round can end.
    workers.forEach(worker -> worker.part.join(System.nanoTime()));
    each(Worker::await);
  }

  /** All workers take a round's steps and have the next round's parameters in the end. */
  void round() {
    each(Worker::round);
  }

  /** What all start the next round from, as each worker has it. */
  List<OuterState> outer() {
    return workers.stream().map(worker -> worker.part.outer().orElseThrow()).toList();
  }

  /** Time that a worker spent on exchanging and waiting, mean over the workers, in ms. */
  double exchangeMillis() {
    return workers.stream().mapToLong(worker -> worker.exchangeNanos).average().orElseThrow() / 1e6;
  }

  private void each(Consumer<Worker> part) {
    workers.stream()
        .map(worker -> CompletableFuture.runAsync(() -> part.accept(worker), threads))
        .toList()
        .forEach(CompletableFuture::join);
  }

  @Override
  public void close() {
    threads.shutdown();
    workers.forEach(worker -> worker.state.close());
  }

  /** One worker; one call at a time. */
  private final class Worker {
    private final int index;
    private final Exchange end;
    private final ParameterLayout layout;
    private final ExchangeWorker part;
    private TrainerState state;
    private int taken;
    private long exchangeNanos;

    Worker(int index, Exchange end, long seed) {
      this.index = index;
      this.end = end;
      this.state = TrainerState.begin(scripts.runtime().newManager(), recipe, seed);
      StepSnapshot first = state.snapshot();
      this.layout = ParameterLayout.of(first);
      this.part =
          new ExchangeWorker(
              "worker-" + index,
              end,
              OuterStep.of(
                  parallel.outerLearningRate(),
                  parallel.outerMomentum(),
                  schedules,
                  parallel.innerSteps()),
              Duration.ofDays(1),
              layout.initial(first));
    }

    void round() {
      long start = System.nanoTime();
      OuterState base = part.outer().orElseThrow();
      StepSnapshot adopted = layout.adopt(base, state.snapshot());
      state.close();
      state = TrainerState.restore(scripts.runtime().newManager(), adopted);
      exchangeNanos += System.nanoTime() - start;
      TrainingStep step = new TrainingStep(recipe, scripts, state);
      for (int i = 0; i < parallel.innerSteps(); i++) {
        TrainingBatch batch = batches.get((index + taken++ * parallel.workers()) % batches.size());
        step.run(
            batch,
            schedules.at(base.round() * parallel.innerSteps() + i),
            new SplittableRandom((long) taken * parallel.workers() + index));
      }
      long done = System.nanoTime();
      part.deliver(
          layout.contribution(base, state.snapshot()),
          (long) parallel.innerSteps() * recipe.batchImages(),
          done);
      await();
      exchangeNanos += System.nanoTime() - done;
    }

    /** Listens until there are parameters to go on from. */
    void await() {
      try {
        while (part.phase() != Phase.TRAINING) {
          for (ExchangeMessage message : end.poll(PATIENCE)) {
            part.receive(message, System.nanoTime());
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while listening to the other workers", e);
      }
    }
  }
}
