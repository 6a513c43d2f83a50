package io.freshet.trainer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.config.DataSize;
import io.freshet.schemas.BlobRef;
import io.freshet.trainer.checkpoint.Checkpoint;
import io.freshet.trainer.checkpoint.CheckpointDirectory;
import io.freshet.trainer.checkpoint.TrainerPosition;
import io.freshet.trainer.data.Admission;
import io.freshet.trainer.data.BatchComposer;
import io.freshet.trainer.data.BatchMaker;
import io.freshet.trainer.data.BatchPlan;
import io.freshet.trainer.data.BatchPrefetcher;
import io.freshet.trainer.data.CompositionState;
import io.freshet.trainer.data.ImageLibrary;
import io.freshet.trainer.data.OffsetReplay;
import io.freshet.trainer.data.ReplayConfig;
import io.freshet.trainer.data.Sample;
import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.masking.BlockMasking;
import io.freshet.trainer.masking.MaskSampling;
import io.freshet.trainer.run.TrainingLoop.Outcome;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.testing.TinyRecipe;
import io.freshet.trainer.torch.Precision;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A trainer that is killed and goes on from its newest checkpoint does what one does that was never
 * killed: the same images in every step and, on a CPU, the same bits. Records keep arriving while
 * it trains.
 */
class LoopResumeTest {
  private static final long SEED = 31;
  private static final int SIDE = 40;
  private static final int CHECKPOINT = 7;
  private static final int KILLED = 12;
  private static final int STEPS = CHECKPOINT + 50;
  private static final TorchScriptLibrary SCRIPTS = TrainerScripts.load(TorchRuntime.start());
  private static final TrainingConfig RECIPE = TinyRecipe.of(Centering.SOFTMAX, true, 2);

  @TempDir private Path dir;
  private BlobStore blobs;
  private final List<Admission> topic = new ArrayList<>();

  @BeforeEach
  void fillTheTopic() {
    blobs = BlobStores.open(new BlobConfig(dir.resolve("blobs"), DataSize.ofMebibytes(1)));
    Random random = new Random(SEED);
    try (ShardWriter writer = blobs.openShard("test")) {
      for (int i = 0; i < 60; i++) {
        byte[] rgb = new byte[3 * SIDE * SIDE];
        random.nextBytes(rgb);
        RgbImage image = new RgbImage(SIDE, SIDE, rgb);
        BlobRef ref = writer.append(i + ".png", CanonicalEncoding.encode(image));
        Sample sample = new Sample(CanonicalEncoding.imageId(image), ref, "photos", "c" + i % 3);
        topic.add(new Admission(0, i, Optional.of(sample)));
      }
      writer.sync();
    }
  }

  @AfterEach
  void close() {
    blobs.close();
  }

  @Test
  void fiftyStepsAfterAKillAllIsAsIfItHadNeverHappened() throws Exception {
    Ledger unbroken = new Ledger();
    StepSnapshot expected;
    try (Trainer trainer = new Trainer(Optional.empty(), new Ledger())) {
      trainer.train(STEPS, unbroken);
      expected = trainer.learner.snapshot();
    }

    CheckpointDirectory directory = new CheckpointDirectory(dir.resolve("checkpoints"), 2);
    Ledger ledger = new Ledger();
    try (Trainer killed = new Trainer(Optional.empty(), new Ledger())) {
      killed.train(CHECKPOINT, ledger);
      killed.save(directory);
      killed.train(KILLED, ledger);
    }
    Checkpoint checkpoint =
        new CheckpointDirectory(dir.resolve("checkpoints"), 2).newest().orElseThrow();
    assertEquals(CHECKPOINT, checkpoint.position().step());
    try (Trainer resumed = new Trainer(Optional.of(checkpoint), ledger)) {
      Ledger again = new Ledger();
      resumed.train(STEPS, again);
      assertEquals(KILLED, ledger.plans.size());
      for (long step = CHECKPOINT; step < STEPS; step++) {
        assertEquals(unbroken.plans.get(step), again.plans.get(step), "step " + step);
        assertEquals(unbroken.results.get(step), again.results.get(step), "step " + step);
      }
      assertEquals(expected, resumed.learner.snapshot());
    }
    assertTrue(unbroken.offsetsOf(STEPS - 1) > unbroken.offsetsOf(0), "records arrived meanwhile");
  }

  /** What the topic training.step would hold. */
  private static final class Ledger {
    private final Map<Long, BatchPlan> plans = new HashMap<>();
    private final Map<Long, StepResult> results = new HashMap<>();

    void add(Outcome outcome) {
      plans.put(outcome.plan().step(), outcome.plan());
      results.put(outcome.plan().step(), outcome.result());
    }

    Map<Long, Map<Integer, Long>> offsets() {
      Map<Long, Map<Integer, Long>> offsets = new HashMap<>();
      plans.forEach((step, plan) -> offsets.put(step, plan.offsets()));
      return offsets;
    }

    long offsetsOf(long step) {
      return plans.get(step).offsets().get(0);
    }
  }

  /** All that a process holds. */
  private final class Trainer implements AutoCloseable, OffsetReplay.Source {
    private final BatchComposer composer;
    private final BatchPrefetcher prefetcher;
    private final TorchLearner learner;
    private final TrainingLoop loop;
    private int handedOver;
    private long step;

    Trainer(Optional<Checkpoint> from, Ledger known) {
      CompositionState planned =
          from.map(checkpoint -> checkpoint.position().composition())
              .orElse(CompositionState.initial());
      composer = new BatchComposer(new ReplayConfig(16, 24, 0.5, 1), SEED, 4, planned);
      handedOver = planned.offsets().getOrDefault(0, 0L).intValue();
      step = planned.firstUntrainedStep();
      learner = new TorchLearner(RECIPE, SCRIPTS, state(from));
      prefetcher = new BatchPrefetcher(maker(), 2);
      loop =
          new TrainingLoop(
              new RunConfig(SEED, Precision.FP32, 1, 2, 3, 64, 0, true, Duration.ofSeconds(20)),
              SEED,
              composer,
              new OffsetReplay(this, planned.offsets(), known.offsets()),
              prefetcher,
              learner,
              TrainingSchedules.of(RECIPE.schedule(), 4),
              () -> false);
    }

    private TrainerState state(Optional<Checkpoint> from) {
      return from.map(
              checkpoint ->
                  TrainerState.restore(
                      SCRIPTS.runtime().newManager(),
                      new StepSnapshot(
                          checkpoint.position().step(),
                          checkpoint.position().imagesSeen(),
                          checkpoint.tensors())))
          .orElseGet(() -> TrainerState.begin(SCRIPTS.runtime().newManager(), RECIPE, SEED));
    }

    private BatchMaker maker() {
      MaskSampling sampling = RECIPE.losses().ibot().masks();
      BlockMasking blocks = new BlockMasking(RECIPE.globalGrid(), RECIPE.globalGrid());
      return new BatchMaker(
          new ImageLibrary(blobs),
          new Augmentation(RECIPE),
          (crops, random) -> sampling.sample(blocks, crops, random),
          RECIPE.crops().globalSize(),
          RECIPE.crops().localSize(),
          SEED);
    }

    void train(int untilStep, Ledger ledger) throws InterruptedException {
      while (step < untilStep) {
        ledger.add(loop.next().orElseThrow());
        step++;
      }
    }

    void save(CheckpointDirectory directory) throws IOException {
      StepSnapshot now = learner.snapshot();
      TrainerPosition position =
          new TrainerPosition(
              "run-1", SEED, now.step(), now.imagesSeen(), composer.state(), Map.of(), Map.of());
      directory.write(new Checkpoint(position, now.tensors()));
    }

    /** One more record for each time that it is asked, twelve at first. */
    @Override
    public List<Admission> arrived() {
      int to = Math.min(topic.size(), Math.max(12, handedOver + 1));
      List<Admission> arrived = List.copyOf(topic.subList(handedOver, to));
      handedOver = to;
      return arrived;
    }

    @Override
    public List<Admission> await(Duration patience) {
      return arrived();
    }

    @Override
    public void close() {
      prefetcher.close();
      learner.close();
    }
  }
}
