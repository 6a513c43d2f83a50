package io.freshet.trainer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.config.DataSize;
import io.freshet.schemas.BlobRef;
import io.freshet.trainer.data.Admission;
import io.freshet.trainer.data.BatchComposer;
import io.freshet.trainer.data.BatchMaker;
import io.freshet.trainer.data.BatchPrefetcher;
import io.freshet.trainer.data.CompositionState;
import io.freshet.trainer.data.ImageLibrary;
import io.freshet.trainer.data.OffsetReplay;
import io.freshet.trainer.data.ReplayConfig;
import io.freshet.trainer.data.Sample;
import io.freshet.trainer.masking.TokenMasks;
import io.freshet.trainer.run.TrainingLoop.Outcome;
import io.freshet.trainer.schedule.ScheduleConfig;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.MultiCrop;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.torch.Precision;
import io.freshet.trainer.watch.Probe;
import io.freshet.trainer.watch.ProbeReading;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop around a learner that only counts. */
class TrainingLoopTest {
  private static final int SIDE = 2;

  @TempDir private Path dir;
  private BlobStore blobs;
  private final List<Admission> arriving = new ArrayList<>();
  private final CountingLearner learner = new CountingLearner();
  private BatchPrefetcher prefetcher;
  private boolean stopping;
  private Runnable polls = () -> {};
  private int poisonous = -1;

  @BeforeEach
  void open() {
    blobs = BlobStores.open(new BlobConfig(dir, DataSize.ofMebibytes(1)));
    BatchMaker maker =
        new BatchMaker(
            new ImageLibrary(blobs),
            (image, random) -> new MultiCrop(List.of(crop(image), crop(image)), List.of()),
            (crops, random) -> TokenMasks.of(new boolean[crops][1]),
            SIDE,
            SIDE,
            1);
    prefetcher = new BatchPrefetcher(maker, 1);
  }

  @AfterEach
  void close() {
    prefetcher.close();
    blobs.close();
  }

  @Test
  void trainsStepAfterStepAndTakesInWhatArrives() throws InterruptedException {
    arrive(0, 8);
    BatchComposer composer = composer();
    TrainingLoop loop = loop(composer, Map.of(), Duration.ofSeconds(5));
    for (int step = 0; step < 5; step++) {
      if (step == 2) {
        arrive(8, 10);
      }
      Outcome outcome = loop.next().orElseThrow();
      assertEquals(step, outcome.result().step());
      assertEquals(4, outcome.plan().samples().size());
      assertTrue(outcome.wall().compareTo(outcome.waited()) >= 0);
    }
    assertEquals(10, composer.bufferedImages());
    assertEquals(5, composer.state().firstUntrainedStep());
  }

  @Test
  void forgetsTheImagesOfAStepThatIsNotFinite() throws InterruptedException {
    arrive(0, 12);
    learner.skipped = step -> step == 1;
    BatchComposer composer = composer();
    TrainingLoop loop = loop(composer, Map.of(), Duration.ofSeconds(5));
    assertFalse(loop.next().orElseThrow().result().skipped());
    Outcome skipped = loop.next().orElseThrow();
    assertTrue(skipped.result().skipped());
    assertEquals(8, composer.bufferedImages());
    assertEquals(0, learner.rollBacks);
    Set<String> quarantined = new HashSet<>();
    skipped.plan().samples().forEach(sample -> quarantined.add(sample.imageId()));
    // The two plans that were made ahead may still hold them; later ones may not.
    for (int step = 2; step < 10; step++) {
      Outcome outcome = loop.next().orElseThrow();
      if (step > 3) {
        assertTrue(
            outcome.plan().samples().stream()
                .noneMatch(sample -> quarantined.contains(sample.imageId())));
      }
    }
  }

  @Test
  void takesTheLastGoodTensorsBackAfterThreeStepsThatAreNotFinite() throws InterruptedException {
    arrive(0, 40);
    learner.skipped = step -> step >= 2 && step < 5;
    TrainingLoop loop = loop(composer(), Map.of(), Duration.ofSeconds(5));
    loop.guard().good(new StepSnapshot(0, 0, Map.of()));
    for (int step = 0; step < 4; step++) {
      assertTrue(loop.next().isPresent());
    }
    assertEquals(0, learner.rollBacks);
    assertTrue(loop.next().isPresent());
    assertEquals(1, learner.rollBacks);
    assertEquals(5, loop.next().orElseThrow().result().step());
  }

  @Test
  void endsTheRunWhenGoingBackDoesNotHelp() throws InterruptedException {
    arrive(0, 80);
    learner.skipped = step -> step >= 2;
    BatchComposer composer = roomyComposer();
    TrainingLoop loop = loop(composer, Map.of(), Duration.ofSeconds(5));
    loop.guard().good(new StepSnapshot(0, 0, Map.of()));
    TrainingDivergedException end =
        assertThrows(
            TrainingDivergedException.class,
            () -> {
              for (int step = 0; step < 20; step++) {
                assertTrue(loop.next().isPresent());
              }
            });
    assertEquals(UpdateGuard.MAX_ROLL_BACKS, learner.rollBacks);
    assertTrue(end.getMessage().contains("learning_rate"), end.getMessage());
    assertTrue(composer.bufferedImages() > 0);
  }

  @Test
  void mayGoBackAgainAfterProgress() throws InterruptedException {
    arrive(0, 120);
    int period = UpdateGuard.STEPS_OF_PROGRESS + UpdateGuard.MAX_SKIPS;
    learner.skipped = step -> step % period < UpdateGuard.MAX_SKIPS;
    TrainingLoop loop = loop(roomyComposer(), Map.of(), Duration.ofSeconds(5));
    loop.guard().good(new StepSnapshot(0, 0, Map.of()));
    for (int step = 0; step < 5 * period; step++) {
      assertTrue(loop.next().isPresent());
    }
    assertEquals(5, learner.rollBacks);
  }

  @Test
  void keepsImagesOfASkippedStepOutWhenTheyAreDeliveredAgain() throws InterruptedException {
    arrive(0, 12);
    List<Admission> all = List.copyOf(arriving);
    learner.skipped = step -> step == 0;
    BatchComposer composer = composer();
    TrainingLoop loop = loop(composer, Map.of(), Duration.ofSeconds(5));
    Set<String> quarantined = new HashSet<>();
    loop.next().orElseThrow().plan().samples().forEach(s -> quarantined.add(s.imageId()));
    assertEquals(quarantined.size(), composer.quarantinedImages());
    BatchComposer resumed =
        new BatchComposer(new ReplayConfig(20, 20, 0.5, 1), 1, 4, composer.state());
    for (BatchComposer each : List.of(composer, resumed)) {
      each.admit(again(all));
      assertEquals(12 - quarantined.size(), each.bufferedImages());
    }
  }

  @Test
  void keepsOnlyTheImageOutWhosePixelsAreNotFinite() throws InterruptedException {
    arrive(0, 12);
    poisonous = 5;
    learner.skipped = step -> false;
    BatchComposer composer = composer();
    TrainingLoop loop = loop(composer, Map.of(), Duration.ofSeconds(5));
    loop.guard().good(new StepSnapshot(0, 0, Map.of()));
    for (int step = 0; step < 20; step++) {
      assertTrue(loop.next().isPresent());
    }
    assertEquals(1, composer.quarantinedImages());
    assertEquals(11, composer.bufferedImages());
    assertEquals(0, learner.rollBacks);
  }

  @Test
  void whatIsWithdrawnIsInNoPlanThatIsMadeAfterwards() throws InterruptedException {
    arrive(0, 12);
    String withdrawn = arriving.get(3).sample().orElseThrow().imageId();
    Queue<String> withdrawals = new ArrayDeque<>();
    TrainingLoop loop = loop(composer(withdrawals), Map.of(), Duration.ofSeconds(5));
    assertTrue(loop.next().isPresent());
    withdrawals.add(withdrawn);
    // Two plans were made ahead.
    for (int step = 1; step < 20; step++) {
      Outcome outcome = loop.next().orElseThrow();
      if (step > 2) {
        assertTrue(
            outcome.plan().samples().stream()
                .noneMatch(sample -> sample.imageId().equals(withdrawn)));
      }
    }
  }

  @Test
  void waitsForOtherImagesWhenAllWereWithdrawn() throws InterruptedException {
    arrive(0, 4);
    Queue<String> withdrawals = new ArrayDeque<>();
    arriving.forEach(admission -> withdrawals.add(admission.sample().orElseThrow().imageId()));
    BatchComposer composer = composer(withdrawals);
    composer.admit(List.of());
    TrainingLoop loop = loop(composer, Map.of(), Duration.ofSeconds(5));
    polls = () -> arrive(4, 6);
    assertEquals(2, Set.copyOf(loop.next().orElseThrow().plan().samples()).size());
    assertEquals(2, composer.bufferedImages());
  }

  @Test
  void goesOnWithOtherImagesWhenAllOfTheLedgerWereWithdrawn() throws InterruptedException {
    arrive(0, 4);
    Queue<String> withdrawals = new ArrayDeque<>();
    arriving.forEach(admission -> withdrawals.add(admission.sample().orElseThrow().imageId()));
    arrive(4, 6);
    TrainingLoop loop =
        loop(composer(withdrawals), Map.of(0L, Map.of(0, 4L)), Duration.ofSeconds(5));
    assertEquals(2, Set.copyOf(loop.next().orElseThrow().plan().samples()).size());
  }

  @Test
  void endsInsteadOfWaitingWhenAskedToStop() throws InterruptedException {
    stopping = true;
    TrainingLoop loop = loop(composer(), Map.of(0L, Map.of(0, 8L)), Duration.ofSeconds(60));
    assertEquals(Optional.empty(), loop.next());
  }

  @Test
  void saysWhatToDoWhenRecordsOfTheLedgerAreGone() {
    TrainingLoop loop = loop(composer(), Map.of(0L, Map.of(0, 8L)), Duration.ofMillis(300));
    IllegalStateException failure = assertThrows(IllegalStateException.class, loop::next);
    assertTrue(failure.getMessage().contains("replay_ledger"), failure.getMessage());
  }

  private float[] crop(RgbImage image) {
    float[] crop = new float[3 * SIDE * SIDE];
    Arrays.fill(crop, image.rgb()[0]);
    if (image.rgb()[0] == poisonous) {
      crop[1] = Float.NaN;
    }
    return crop;
  }

  /** The same images in records that come later. */
  private static List<Admission> again(List<Admission> records) {
    return records.stream()
        .map(record -> new Admission(0, 1000 + record.offset(), record.sample()))
        .toList();
  }

  private BatchComposer roomyComposer() {
    return new BatchComposer(new ReplayConfig(100, 100, 0.5, 1), 1, 4, CompositionState.initial());
  }

  private void arrive(int from, int to) {
    try (ShardWriter writer = blobs.openShard("test")) {
      for (int i = from; i < to; i++) {
        byte[] rgb = new byte[3 * SIDE * SIDE];
        Arrays.fill(rgb, (byte) i);
        RgbImage image = new RgbImage(SIDE, SIDE, rgb);
        BlobRef ref = writer.append(i + ".png", CanonicalEncoding.encode(image));
        Sample sample = new Sample(CanonicalEncoding.imageId(image), ref, "photos", "c" + i % 3);
        arriving.add(new Admission(0, i, Optional.of(sample)));
      }
      writer.sync();
    }
  }

  private BatchComposer composer() {
    return new BatchComposer(new ReplayConfig(20, 20, 0.5, 1), 1, 4, CompositionState.initial());
  }

  /** Asks {@code withdrawals}, which it empties. */
  private static BatchComposer composer(Queue<String> withdrawals) {
    return new BatchComposer(
        new ReplayConfig(20, 20, 0.5, 1),
        1,
        4,
        CompositionState.initial(),
        () -> {
          List<String> arrived = List.copyOf(withdrawals);
          withdrawals.clear();
          return arrived;
        });
  }

  private TrainingLoop loop(
      BatchComposer composer, Map<Long, Map<Integer, Long>> ledger, Duration patience) {
    OffsetReplay.Source source =
        new OffsetReplay.Source() {
          @Override
          public List<Admission> arrived() {
            List<Admission> arrived = List.copyOf(arriving);
            arriving.clear();
            return arrived;
          }

          @Override
          public List<Admission> await(Duration patienceOfOne) throws InterruptedException {
            Thread.sleep(10);
            polls.run();
            polls = () -> {};
            return arrived();
          }
        };
    RunConfig run = new RunConfig(1, Precision.FP32, 1, 1, 2, 16, 0, true, patience);
    ScheduleConfig schedule =
        new ScheduleConfig(
            ScheduleConfig.Shape.CONSTANT,
            0,
            1e-3,
            ScheduleConfig.Scaling.NONE,
            0,
            1,
            0,
            0,
            0,
            0.9,
            1,
            0.04,
            0.04,
            1);
    return new TrainingLoop(
        run,
        1,
        composer,
        new OffsetReplay(source, Map.of(), ledger),
        prefetcher,
        learner,
        TrainingSchedules.of(schedule, 4),
        () -> stopping);
  }

  /** Skips the steps it is told to. */
  private static final class CountingLearner implements Learner {
    private LongPredicate skipped = step -> false;
    private long step;
    private long images;
    private int rollBacks;

    @Override
    public StepResult train(TrainingBatch batch, StepSettings settings, RandomGenerator random) {
      boolean skip = skipped.test(step) || !batch.nonFiniteImages().isEmpty();
      images += skip ? 0 : batch.images();
      double loss = skip ? Double.NaN : 1;
      return new StepResult(
          step++, images, Map.of("total", loss), Map.of(), Map.of(), settings, skip);
    }

    @Override
    public ProbeReading read(Probe probe, double teacherTemperature) {
      throw new IllegalStateException("the loop looks at no probe");
    }

    @Override
    public StepSnapshot snapshot() {
      return new StepSnapshot(step, images, Map.of());
    }

    @Override
    public void rollBack(StepSnapshot good) {
      rollBacks++;
    }

    @Override
    public void close() {}
  }
}
