package io.freshet.trainer.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicAdmin;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.trainer.exchange.ClosedRound;
import io.freshet.trainer.exchange.Contribution;
import io.freshet.trainer.exchange.Exchange;
import io.freshet.trainer.exchange.ExchangeMessage;
import io.freshet.trainer.exchange.ExchangeMessage.Delta;
import io.freshet.trainer.exchange.ExchangeMessage.State;
import io.freshet.trainer.exchange.KafkaExchange;
import io.freshet.trainer.exchange.OuterState;
import io.freshet.trainer.exchange.OuterStep;
import io.freshet.trainer.exchange.ParameterLayout;
import io.freshet.trainer.exchange.RoundLog;
import io.freshet.trainer.run.TrainerStatus.Phase;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.testing.TinyTrainer;
import io.freshet.vision.torch.TorchRuntime;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Trainers on more than one device and in more than one process, on real photographs. */
class ParallelTrainersIT {
  private static final int INNER_STEPS = 3;

  @RegisterExtension static final FreshetCluster CLUSTER = FreshetCluster.create();

  @TempDir private Path dir;

  @Test
  void aTrainerOnSeveralDevicesTrainsToItsEnd() throws Exception {
    Config config =
        config("devices-", 0)
            .with("trainer.parallel.devices", "3")
            .with("trainer.run.max_steps", "6");
    new CuratedPhotos(config).curate(0, 16);
    TrainerRole role = new TrainerRole(config, ProgressListener.NONE);
    role.run();
    assertEquals(Phase.STOPPED, role.status().phase());
    assertEquals(6, role.status().step());
    assertEquals(24, role.status().imagesSeen());
    assertEquals(6, role.status().checkpointStep());
  }

  @Test
  void workersComeAndGoAndAllTakeTheSameOuterSteps() throws Exception {
    Config first = workers("workers-", 0);
    Config second = workers("workers-", 1);
    new CuratedPhotos(first).curate(0, 64);
    TrainerRole a = new TrainerRole(first, ProgressListener.NONE);
    Thread running = start(a);
    try {
      TrainerRole b = new TrainerRole(second, ProgressListener.NONE);
      Thread other = start(b);
      long together =
          await(first, a, rounds -> rounds.stream().filter(r -> size(r) == 2).count() >= 3);
      b.requestStop();
      other.join();
      assertEquals(Phase.STOPPED, b.status().phase(), b.status().toString());
      await(first, a, rounds -> rounds.size() >= together + 4 && size(last(rounds)) == 1);
      TrainerRole again = new TrainerRole(second, ProgressListener.NONE);
      Thread back = start(again);
      await(first, a, rounds -> rounds.size() > together + 4 && size(last(rounds)) == 2);
      again.requestStop();
      back.join();
      assertEquals(Phase.STOPPED, again.status().phase(), again.status().toString());
    } finally {
      a.requestStop();
      running.join();
    }
    assertEquals(Phase.STOPPED, a.status().phase(), a.status().toString());
    verifyEveryOuterState(first);
  }

  private static int size(ClosedRound round) {
    return round.deltas().size();
  }

  private static ClosedRound last(List<ClosedRound> rounds) {
    return rounds.get(rounds.size() - 1);
  }

  private static Thread start(TrainerRole role) {
    Thread thread =
        new Thread(
            () -> {
              try {
                role.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    thread.start();
    return thread;
  }

  /** Reads the log until the rounds that ended in it satisfy a condition; their number. */
  private static long await(Config config, TrainerRole role, Predicate<List<ClosedRound>> reached)
      throws InterruptedException {
    List<ClosedRound> rounds = new ArrayList<>();
    RoundLog log = new RoundLog();
    long deadline = System.nanoTime() + FreshetCluster.PATIENCE.toNanos();
    try (BlobStore blobs = BlobStores.open(config.section("blobs", BlobConfig.class));
        Exchange observer = observer(config, blobs)) {
      while (rounds.isEmpty() || !reached.test(rounds)) {
        assertTrue(
            System.nanoTime() < deadline && role.status().phase() != Phase.FAILED,
            () -> role.status() + " after rounds " + rounds);
        for (ExchangeMessage message : observer.poll(Duration.ofMillis(200))) {
          log.accept(message).ifPresent(rounds::add);
        }
      }
    }
    return rounds.size();
  }

  private static Exchange observer(Config config, BlobStore blobs) {
    KafkaConfig kafka = config.section("kafka", KafkaConfig.class);
    return new KafkaExchange(kafka, blobs, "trainers", "observer", Clock.systemUTC());
  }

  /** What the workers published as outer states is what the log alone says they are. */
  private static void verifyEveryOuterState(Config config) throws InterruptedException {
    TrainingConfig recipe = config.section("trainer.recipe", TrainingConfig.class);
    TrainingSchedules schedules = TrainingSchedules.of(recipe.schedule(), recipe.batchImages());
    OuterStep step = OuterStep.of(0.7, 0.9, schedules, INNER_STEPS);
    OuterState initial;
    try (TrainerState state =
        TrainerState.begin(TorchRuntime.start().newManager(), recipe, 20230414)) {
      initial = ParameterLayout.of(state.snapshot()).initial(state.snapshot());
    }
    int size = initial.student().length;
    int centers = initial.centers().length;
    Map<Long, OuterState> expected = new HashMap<>(Map.of(0L, initial));
    RoundLog log = new RoundLog();
    int verified = 0;
    try (BlobStore blobs = BlobStores.open(config.section("blobs", BlobConfig.class));
        Exchange observer = observer(config, blobs)) {
      List<ExchangeMessage> next = observer.poll(Duration.ofSeconds(5));
      while (!next.isEmpty()) {
        for (ExchangeMessage message : next) {
          Optional<ClosedRound> closed = log.accept(message);
          if (closed.isPresent()) {
            List<Contribution> contributions = new ArrayList<>();
            long images = 0;
            for (Delta delta : closed.get().deltas()) {
              List<float[]> arrays = observer.load(delta.payload(), size, centers);
              contributions.add(new Contribution(arrays.get(0), arrays.get(1)));
              images += delta.images();
            }
            long round = closed.get().round();
            expected.put(round + 1, step.apply(expected.get(round), contributions, images));
          } else if (message instanceof State state) {
            List<float[]> arrays = observer.load(state.payload(), size, size, size, centers);
            assertArrayEquals(expected.get(state.round()).student(), arrays.get(0));
            assertArrayEquals(expected.get(state.round()).teacher(), arrays.get(2));
            assertEquals(expected.get(state.round()).images(), state.images());
            verified++;
          }
        }
        next = observer.poll(Duration.ofSeconds(2));
      }
    }
    assertTrue(verified >= 8, verified + " states were verified");
  }

  private Config workers(String prefix, int worker) throws Exception {
    return config(prefix, worker)
        .with("trainer.parallel.workers", "2")
        .with("trainer.parallel.worker", String.valueOf(worker))
        .with("trainer.parallel.inner_steps", String.valueOf(INNER_STEPS))
        .with("trainer.parallel.patience", "20s");
  }

  /** On topics of its own. */
  private Config config(String prefix, int worker) throws Exception {
    Map<String, String> settings =
        Map.of(
            "trainer.checkpoint.dir",
            dir.resolve("checkpoints-" + worker).toString(),
            "trainer.evaluation.required",
            "false",
            "trainer.release.first_at_step",
            "1000000",
            "trainer.release.staging_dir",
            dir.resolve("staging-" + worker).toString());
    Config config = TinyTrainer.config(CLUSTER.kafka().bootstrapServers(), prefix, dir, settings);
    TopicAdmin.ensureTopics(config.section("kafka", KafkaConfig.class));
    return config;
  }
}
