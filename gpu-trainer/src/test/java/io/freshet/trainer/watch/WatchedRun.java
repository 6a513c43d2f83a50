package io.freshet.trainer.watch;

import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Sha256;
import io.freshet.trainer.masking.BlockMasking;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.MultiCrop;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.step.TrainingStep;
import io.freshet.trainer.testing.PhotoSquares;
import io.freshet.trainer.testing.PhotoSquares.Square;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.transform.EvalTransform;
import io.freshet.vision.transform.MultiCropAugmentation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Training on squares of photographs under a watch, as the trainer does it but without a broker.
 */
final class WatchedRun {
  private static final int PROBE_IMAGES = 64;
  private static final TorchScriptLibrary SCRIPTS = TrainerScripts.load(TorchRuntime.start());
  private static final List<RgbImage> TRAIN = images("train");
  private static final List<RgbImage> EVAL = images("eval");

  private final TrainingConfig config;
  private final List<RgbImage> images;
  private final int everySteps;
  private final long seed;

  /**
   * What a run showed.
   *
   * @param alarmAt steps done when the first alarm was raised
   * @param alarm its text
   * @param last the measures at the end
   */
  record Findings(Optional<Long> alarmAt, Optional<String> alarm, Map<String, Double> last) {}

  private WatchedRun(TrainingConfig config, List<RgbImage> images, int everySteps, long seed) {
    this.config = config;
    this.images = images;
    this.everySteps = everySteps;
    this.seed = seed;
  }

  static WatchedRun onPhotographs(TrainingConfig config, int everySteps, long seed) {
    return new WatchedRun(config, TRAIN, everySteps, seed);
  }

  /** On one grey image. */
  static WatchedRun onAConstant(TrainingConfig config, int everySteps, long seed) {
    byte[] grey = new byte[3 * 64 * 64];
    Arrays.fill(grey, (byte) 120);
    return new WatchedRun(config, List.of(new RgbImage(64, 64, grey)), everySteps, seed);
  }

  private static List<RgbImage> images(String split) {
    try {
      List<RgbImage> images =
          new ArrayList<>(PhotoSquares.read(split).stream().map(Square::image).toList());
      Collections.shuffle(images, new Random(1));
      return images;
    } catch (Exception e) {
      throw new IllegalStateException("the photographs can't be read", e);
    }
  }

  Findings train(int steps) {
    TrainingSchedules schedules = TrainingSchedules.of(config.schedule(), config.batchImages());
    MultiCropAugmentation augmentation = new MultiCropAugmentation(config.multiCrop());
    CollapseProbe reader = new CollapseProbe(config, SCRIPTS);
    CollapseWatch watch =
        new CollapseWatch(new WatchConfig(everySteps, PROBE_IMAGES), probe(), WatchState.initial());
    Findings findings = new Findings(Optional.empty(), Optional.empty(), Map.of());
    try (TrainerState state = TrainerState.begin(SCRIPTS.runtime().newManager(), config, seed)) {
      TrainingStep step = new TrainingStep(config, SCRIPTS, state);
      for (int i = 0; i < steps; i++) {
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + i);
        StepResult result = step.run(batch(augmentation, random), schedules.at(i), random);
        watch.stepped(result.targets(), TrainingBatch.GLOBAL_CROPS * config.batchImages());
        if (watch.due(i + 1)) {
          ProbeReading reading =
              reader.read(state, watch.probe(), result.settings().teacherTemperature());
          Map<String, Double> measures = watch.read(i + 1, reading);
          findings = findings(findings, watch, i + 1, measures);
        }
      }
    }
    return findings;
  }

  private static Findings findings(
      Findings before, CollapseWatch watch, long step, Map<String, Double> measures) {
    return before.alarmAt().isEmpty() && watch.alarm().isPresent()
        ? new Findings(Optional.of(step), watch.alarm(), measures)
        : new Findings(before.alarmAt(), before.alarm(), measures);
  }

  private Probe probe() {
    List<BlobRef> numbers = new ArrayList<>();
    for (int i = 0; i < PROBE_IMAGES; i++) {
      numbers.add(new BlobRef("probe", (long) i, 1, new Sha256(new byte[32])));
    }
    int side = config.crops().globalSize();
    return Probe.of(
            numbers,
            ref -> Optional.of(EVAL.get(Math.toIntExact(ref.getOffset()))),
            EvalTransform.imageNet(side, side))
        .orElseThrow();
  }

  private TrainingBatch batch(MultiCropAugmentation augmentation, SplittableRandom random) {
    List<MultiCrop> crops = new ArrayList<>();
    for (int i = 0; i < config.batchImages(); i++) {
      List<float[]> views = augmentation.crops(images.get(random.nextInt(images.size())), random);
      crops.add(new MultiCrop(views.subList(0, 2), views.subList(2, views.size())));
    }
    BlockMasking blocks = new BlockMasking(config.globalGrid(), config.globalGrid());
    return TrainingBatch.collate(
        crops,
        config.crops().globalSize(),
        config.crops().localSize(),
        config.losses().ibot().masks().sample(blocks, 2 * config.batchImages(), random));
  }
}
