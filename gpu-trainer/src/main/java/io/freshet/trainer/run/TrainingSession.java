package io.freshet.trainer.run;

import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.kafka.TopicAdmin;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.trainer.branch.ReleaseBranches;
import io.freshet.trainer.branch.StudentConfig;
import io.freshet.trainer.checkpoint.CheckpointDirectory;
import io.freshet.trainer.checkpoint.CheckpointWriter;
import io.freshet.trainer.data.BatchComposer;
import io.freshet.trainer.data.BatchMaker;
import io.freshet.trainer.data.BatchPrefetcher;
import io.freshet.trainer.data.CuratedConsumer;
import io.freshet.trainer.data.ImageLibrary;
import io.freshet.trainer.data.OffsetReplay;
import io.freshet.trainer.data.WithdrawalConsumer;
import io.freshet.trainer.evaluate.torch.EvaluationScripts;
import io.freshet.trainer.masking.BlockMasking;
import io.freshet.trainer.masking.MaskSampling;
import io.freshet.trainer.release.Lineage;
import io.freshet.trainer.release.ReleaseConfig;
import io.freshet.trainer.release.ReleaseExporter;
import io.freshet.trainer.release.ReleasePublisher;
import io.freshet.trainer.run.TrainerStatus.Phase;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.trainer.watch.CollapseWatch;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One stretch of training, from opening everything to closing it. Lives on the training thread. */
final class TrainingSession {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingSession.class);
  private static final Duration PATIENCE = Duration.ofMillis(200);
  private static final Duration FUNNEL_PATIENCE = Duration.ofSeconds(10);
  private static final Duration WITHDRAWALS_POLL = Duration.ofMillis(20);

  private final TrainerSettings settings;
  private final TorchRuntime runtime;
  private final StatusBoard board;
  private final Clock clock;
  private final BooleanSupplier stopping;
  private final ModelRegistry registry;

  /**
   * @param stopping asked between steps and while waiting
   */
  TrainingSession(
      TrainerSettings settings,
      TorchRuntime runtime,
      StatusBoard board,
      Clock clock,
      BooleanSupplier stopping) {
    this.settings = settings;
    this.runtime = runtime;
    this.board = board;
    this.clock = clock;
    this.stopping = stopping;
    settings.registry().signing().requireKey();
    this.registry = ModelRegistries.open(settings.registry());
    registry.requireSafeWrites();
  }

  /** Trains until asked to stop or done; on return all is durable and closed. */
  void run() throws InterruptedException {
    board.enter(Phase.STARTING, "");
    TopicAdmin.ensureTopics(settings.kafka());
    CheckpointDirectory directory =
        new CheckpointDirectory(settings.checkpoint().dir(), settings.checkpoint().retained());
    try (BlobStore blobs = BlobStores.open(settings.blobs());
        TorchScriptLibrary library = TrainerScripts.load(runtime, settings.run().precision());
        TorchScriptLibrary probes = EvaluationScripts.loadFeatureProbes(runtime);
        Announcements announcements = new Announcements(settings.kafka())) {
      RunState run = new Beginning(settings, registry, library, clock).run(directory);
      board.run(run.runId());
      LOG.info("{} from step {}", run.runId(), run.composition().firstUntrainedStep());
      run(run, directory, blobs, library, probes, announcements);
    }
  }

  private void run(
      RunState run,
      CheckpointDirectory directory,
      BlobStore blobs,
      TorchScriptLibrary library,
      TorchScriptLibrary probes,
      Announcements announcements)
      throws InterruptedException {
    ImageLibrary images = new ImageLibrary(blobs);
    Map<String, ReleasePublisher> publishers = publishers(announcements);
    publishers.forEach((model, publisher) -> publisher.repair(announcements.newest(model)));
    try (Learner learner =
            ParallelLearners.of(settings, library, learner(library, run), blobs, clock, stopping);
        CheckpointWriter checkpoints = new CheckpointWriter(directory)) {
      try (CuratedConsumer consumer = consumer(images, run);
          WithdrawalConsumer withdrawals = new WithdrawalConsumer(settings.kafka())) {
        train(
            run,
            library,
            probes,
            learner,
            checkpoints,
            publishers::get,
            images,
            consumer,
            withdrawals);
      }
    }
  }

  /** By model: the run's own and its students. */
  private Map<String, ReleasePublisher> publishers(Announcements announcements) {
    ReleaseConfig release = settings.release();
    Map<String, ReleasePublisher> publishers = new TreeMap<>();
    publishers.put(release.model(), new ReleasePublisher(registry, announcements, release, clock));
    for (StudentConfig student : release.distillation().students()) {
      publishers.put(
          student.model(),
          ReleasePublisher.ofStudent(student.model(), registry, announcements, release, clock));
    }
    return publishers;
  }

  private Learner learner(TorchScriptLibrary library, RunState run) {
    TrainingConfig recipe = settings.recipe();
    TrainerState state =
        run.snapshot()
            .map(snapshot -> TrainerState.restore(runtime.newManager(), snapshot))
            .orElseGet(() -> TrainerState.begin(runtime.newManager(), recipe, run.seed()));
    return new TorchLearner(recipe, library, state);
  }

  private CuratedConsumer consumer(ImageLibrary images, RunState run) {
    return new CuratedConsumer(
        settings.kafka(),
        images,
        run.composition().offsets(),
        settings.run().admissionQueue(),
        settings.parallel()::isOwn);
  }

  private void train(
      RunState run,
      TorchScriptLibrary library,
      TorchScriptLibrary probes,
      Learner learner,
      CheckpointWriter checkpoints,
      ReleasePipeline.Publishers publishers,
      ImageLibrary images,
      CuratedConsumer consumer,
      WithdrawalConsumer withdrawals)
      throws InterruptedException {
    TrainingSchedules schedules = schedules(run);
    Measuring measuring =
        Measuring.await(settings, library, probes, registry, images, board, stopping);
    if (!stopping.getAsBoolean()) {
      board.enter(Phase.MEASURING_BASELINES, "");
      measuring.baselines(run);
      board.baselines(run.baselines());
    }
    BatchComposer composer =
        new BatchComposer(
            settings.replay(),
            run.seed(),
            settings.recipe().batchImages(),
            run.composition(),
            withdrawals);
    OffsetReplay replay =
        new OffsetReplay(consumer, run.composition().offsets(), ledgerOffsets(run));
    if (!awaitWithdrawals(composer, withdrawals) || !awaitImages(composer, replay)) {
      return;
    }
    board.enter(Phase.TRAINING, "");
    Supplier<CollapseWatch> watch =
        () -> Watching.watch(settings, run, measuring.measures(), composer, images);
    Watching watching = new Watching(watch, learner, run, board);
    ReleasePipeline pipeline =
        pipeline(library, schedules, measuring, publishers, images, watching::alarm);
    try (StepLedger ledger = new StepLedger(settings.kafka(), run.runId(), clock);
        BatchPrefetcher prefetcher =
            new BatchPrefetcher(maker(images, run), settings.run().decodeThreads());
        ReleaseWorker worker = new ReleaseWorker(pipeline, board)) {
      TrainingLoop loop =
          new TrainingLoop(
              settings.run(),
              run.seed(),
              composer,
              replay,
              prefetcher,
              learner,
              schedules,
              stopping);
      Releases releases = new Releases(settings, run, worker, registry, board, watching::alarm);
      new TrainingRun(
              settings,
              run,
              loop,
              learner,
              composer,
              checkpoints,
              ledger,
              releases,
              watching,
              board,
              consumer::unreadable)
          .untilStopped(stopping);
    }
  }

  private TrainingSchedules schedules(RunState run) {
    TrainingSchedules schedules =
        TrainingSchedules.of(settings.recipe().schedule(), settings.recipe().batchImages());
    return run.origin()
        .map(origin -> schedules.startingAt(origin.schedulesFrom()))
        .orElse(schedules);
  }

  private ReleasePipeline pipeline(
      TorchScriptLibrary library,
      TrainingSchedules schedules,
      Measuring measuring,
      ReleasePipeline.Publishers publishers,
      ImageLibrary images,
      Supplier<Optional<String>> alarm) {
    ReleaseConfig release = settings.release();
    ReleaseBranches branches =
        new ReleaseBranches(
            library,
            release.model(),
            settings.recipe(),
            schedules,
            release.cooldown(),
            release.highResolution(),
            release.distillation());
    return new ReleasePipeline(
        settings,
        library,
        branches,
        measuring,
        exporter(),
        publishers,
        registry,
        lineage(),
        images,
        board,
        stopping,
        alarm);
  }

  private Lineage lineage() {
    CurationFunnel funnel = new CurationFunnel(settings.kafka(), FUNNEL_PATIENCE);
    return new Lineage(registry, funnel::read, clock);
  }

  private ReleaseExporter exporter() {
    ReleaseExporter exporter =
        new ReleaseExporter(settings.release(), settings.evaluation().preprocessing(), clock);
    try {
      exporter.clear();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "trainer.release.staging_dir " + settings.release().stagingDir() + " can't be emptied",
          e);
    }
    return exporter;
  }

  private Map<Long, Map<Integer, Long>> ledgerOffsets(RunState run) {
    return settings.run().replayLedger() && run.snapshot().isPresent()
        ? StepLedger.offsets(settings.kafka(), run.runId(), run.composition().nextStep())
        : Map.of();
  }

  /** Drops what was withdrawn before the start; false when asked to stop before. */
  private boolean awaitWithdrawals(BatchComposer composer, WithdrawalConsumer withdrawals)
      throws InterruptedException {
    while (!withdrawals.caughtUp()) {
      if (stopping.getAsBoolean()) {
        return false;
      }
      Thread.sleep(WITHDRAWALS_POLL.toMillis());
      composer.admit(List.of());
    }
    return true;
  }

  /** Whether there are enough images to begin with; false when asked to stop before. */
  private boolean awaitImages(BatchComposer composer, OffsetReplay replay)
      throws InterruptedException {
    int needed = settings.replay().minImages();
    Optional<Long> shown = Optional.empty();
    while (!stopping.getAsBoolean()) {
      long here = composer.bufferedImages() + replay.waitingImages();
      if (here >= needed || !composer.pending().isEmpty()) {
        return true;
      }
      if (!shown.equals(Optional.of(here))) {
        board.enter(Phase.AWAITING_IMAGES, "%d of %d curated images".formatted(here, needed));
        shown = Optional.of(here);
      }
      replay.await(PATIENCE);
    }
    return false;
  }

  private BatchMaker maker(ImageLibrary images, RunState run) {
    TrainingConfig recipe = settings.recipe();
    MaskSampling sampling = recipe.losses().ibot().masks();
    BlockMasking blocks = new BlockMasking(recipe.globalGrid(), recipe.globalGrid());
    return new BatchMaker(
        images,
        new Augmentation(recipe),
        (crops, random) -> sampling.sample(blocks, crops, random),
        recipe.crops().globalSize(),
        recipe.crops().localSize(),
        run.seed());
  }
}
