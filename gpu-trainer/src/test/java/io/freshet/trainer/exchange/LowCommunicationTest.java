package io.freshet.trainer.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.exchange.ExchangeWorker.Phase;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.step.TrainingStep;
import io.freshet.trainer.testing.PhotoSquares;
import io.freshet.trainer.testing.PhotoSquares.Square;
import io.freshet.trainer.testing.PhotoTraining;
import io.freshet.trainer.testing.Recipes;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Workers that exchange rarely against one worker that sees as many images, with the demo's recipe
 * on photographs. -Dseed, -Dsteps (of all workers together), -Dworkers, -Dinner, -Dlr and
 * -Dmomentum try others.
 */
@Tag("slow")
class LowCommunicationTest {
  private static final long SEED = Long.getLong("seed", 11);
  private static final int STEPS = Integer.getInteger("steps", 120);
  private static final int WORKERS = Integer.getInteger("workers", 2);
  private static final int INNER = Integer.getInteger("inner", 10);
  private static final double RATE = Double.parseDouble(System.getProperty("lr", "0.7"));
  private static final double MOMENTUM = Double.parseDouble(System.getProperty("momentum", "0.9"));
  private static final int REPORT_EVERY = 50;

  private final TorchScriptLibrary scripts = TrainerScripts.load(TorchRuntime.start());
  private final TrainingConfig config = Recipes.demo();
  private final TrainingSchedules schedules =
      TrainingSchedules.of(config.schedule(), config.batchImages());
  private final PhotoTraining photos = new PhotoTraining(scripts, config);
  private final List<Square> train;
  private final List<Square> eval;

  LowCommunicationTest() throws Exception {
    train = PhotoSquares.read("train");
    eval = PhotoSquares.read("eval");
  }

  @Test
  void theAverageOfTheWorkersLearnsAsOneWorkerDoes() throws Exception {
    LocalExchange exchange = new LocalExchange(2 * WORKERS + 1);
    List<Worker> workers =
        IntStream.range(0, WORKERS).mapToObj(i -> new Worker(i, exchange)).toList();
    double untrained = photos.top1(workers.get(0).state, train, eval);
    print("seed %d, step 0: k-NN %.1f %%", SEED, 100 * untrained);
    for (Worker worker : workers) {
      worker.part.join(0);
    }
    hear(workers);
    int rounds = STEPS / WORKERS / INNER;
    for (int round = 0; round < rounds; round++) {
      double loss = 0;
      for (Worker worker : workers) {
        loss += worker.round() / WORKERS;
      }
      hear(workers);
      int steps = (round + 1) * INNER * WORKERS;
      if (steps / REPORT_EVERY != (steps - INNER * WORKERS) / REPORT_EVERY || round == rounds - 1) {
        Worker first = workers.get(0);
        first.adopt();
        print(
            "%d workers, H %d, rate %.2f, momentum %.2f: %d steps together, %d images, loss %.4f, k-NN %.1f %%",
            WORKERS,
            INNER,
            RATE,
            MOMENTUM,
            steps,
            first.part.outer().orElseThrow().images(),
            loss,
            100 * photos.top1(first.state, train, eval));
      }
    }
    OuterState outer = workers.get(0).part.outer().orElseThrow();
    assertEquals((long) rounds * INNER * WORKERS * config.batchImages(), outer.images());
    double trained = photos.top1(workers.get(0).state, train, eval);
    workers.forEach(worker -> worker.state.close());
    assertTrue(
        trained >= untrained + 0.03, "k-NN went from %.3f to %.3f".formatted(untrained, trained));
  }

  private static void hear(List<Worker> workers) throws InterruptedException {
    boolean heard = true;
    while (heard) {
      heard = false;
      for (Worker worker : workers) {
        for (ExchangeMessage message : worker.end.poll(Duration.ZERO)) {
          worker.part.receive(message, 0);
          heard = true;
        }
      }
    }
    for (Worker worker : workers) {
      assertEquals(Phase.TRAINING, worker.part.phase());
    }
  }

  /** A worker with its share of the photographs' squares. */
  private final class Worker {
    final Exchange end;
    final ExchangeWorker part;
    final List<Square> share = new ArrayList<>();
    final List<Square> queue = new ArrayList<>();
    final Random order;
    final int index;
    final ParameterLayout layout;
    TrainerState state;
    private long taken;

    Worker(int index, LocalExchange exchange) {
      this.index = index;
      this.end = exchange.open();
      this.order = new Random(SEED + 1000L * index);
      this.state = TrainerState.begin(scripts.runtime().newManager(), config, SEED);
      this.layout = ParameterLayout.of(state.snapshot());
      OuterStep outerStep = OuterStep.of(RATE, MOMENTUM, schedules, INNER);
      this.part =
          new ExchangeWorker(
              "worker-" + index,
              end,
              outerStep,
              Duration.ofDays(1),
              layout.initial(state.snapshot()));
      for (int i = index; i < train.size(); i += WORKERS) {
        share.add(train.get(i));
      }
    }

    void adopt() {
      var adopted = layout.adopt(part.outer().orElseThrow(), state.snapshot());
      state.close();
      state = TrainerState.restore(scripts.runtime().newManager(), adopted);
    }

    /** H steps and their delta; the mean loss. */
    double round() {
      adopt();
      OuterState base = part.outer().orElseThrow();
      TrainingStep step = new TrainingStep(config, scripts, state);
      double loss = 0;
      for (int i = 0; i < INNER; i++) {
        SplittableRandom random = new SplittableRandom((SEED * 1_000_003 + taken++) * 31 + index);
        StepResult result = step.run(batch(random), schedules.at(base.round() * INNER + i), random);
        loss += result.totalLoss() / INNER;
      }
      part.deliver(
          layout.contribution(base, state.snapshot()), (long) INNER * config.batchImages(), 0);
      return loss;
    }

    private TrainingBatch batch(SplittableRandom random) {
      if (queue.size() < config.batchImages()) {
        List<Square> epoch = new ArrayList<>(share);
        Collections.shuffle(epoch, order);
        queue.addAll(epoch);
      }
      List<Square> some = queue.subList(0, config.batchImages());
      TrainingBatch batch = photos.batch(some, random);
      some.clear();
      return batch;
    }
  }

  private static void print(String format, Object... arguments) {
    System.out.println(">>> " + String.format(Locale.ROOT, format, arguments));
  }
}
