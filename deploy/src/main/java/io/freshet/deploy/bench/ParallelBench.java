package io.freshet.deploy.bench;

import io.freshet.deploy.demo.DemoImages;
import io.freshet.deploy.demo.DemoImages.Split;
import io.freshet.platform.config.Config;
import io.freshet.trainer.parallel.DataParallelStep;
import io.freshet.trainer.parallel.ParallelConfig;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.step.TrainingStep;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code freshet bench parallel}: the speed of several devices and of several workers beside one.
 */
@Command(
    name = "parallel",
    description = {
      "Time steps of one worker, of several devices that take each step together, and of several workers that exchange rarely.",
      "Each device and worker has --threads threads of libtorch; batches are made before."
    },
    mixinStandardHelpOptions = true)
final class ParallelBench implements Runnable {
  private static final long SEED = 7;

  /** 330 of the 1,980 squares: enough variety for speed, little memory. */
  private static final int EVERY = 6;

  private static final int BATCHES = 8;

  @Mixin private BenchOptions options;

  @Mixin private TorchOptions torch = TorchOptions.oneThread();

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      defaultValue = "quality-photos",
      description = "Whose recipe is trained; default: ${DEFAULT-VALUE}.")
  private String profile;

  @Option(
      names = "--count",
      defaultValue = "2",
      description = "Devices and workers; default: ${DEFAULT-VALUE}.")
  private int count;

  @Option(
      names = "--steps",
      defaultValue = "20",
      description = "Steps that are measured of each; default: ${DEFAULT-VALUE}.")
  private int steps;

  @Option(
      names = "--inner-steps",
      description = "Steps between two exchanges; default: trainer.parallel.inner_steps.")
  private Optional<Integer> innerSteps = Optional.empty();

  @Option(names = "--warmup", defaultValue = "3", description = "Steps before; default: 3.")
  private int warmup;

  @Override
  public void run() {
    Config config =
        Config.defaults()
            .profile(profile)
            .with("trainer.parallel.workers", Integer.toString(count));
    if (innerSteps.isPresent()) {
      config = config.with("trainer.parallel.inner_steps", innerSteps.get().toString());
    }
    TrainingConfig recipe = config.section("trainer.recipe", TrainingConfig.class);
    ParallelConfig parallel = config.section("trainer.parallel", ParallelConfig.class);
    TorchRuntime runtime = torch.start();
    Figures figures =
        torch
            .put(new Figures().put("profile", profile), runtime)
            .put("batch_images", recipe.batchImages());
    try (TorchScriptLibrary scripts = torch.scripts(runtime)) {
      List<TrainingBatch> batches = batches(recipe);
      double alone = imagesPerSecond(recipe, one(recipe, scripts, batches).median());
      figures.put("one_worker_images_per_s", alone);
      for (int devices : new int[] {1, count}) {
        Timings together = together(recipe, scripts, batches, devices);
        figures.put(
            "data_parallel_%d_devices".formatted(devices),
            against(alone, imagesPerSecond(recipe, together.median())));
      }
      figures.put(
          "low_communication_%d_workers".formatted(count),
          rarely(recipe, parallel, scripts, batches, alone));
    }
    options.report(figures);
  }

  private static List<TrainingBatch> batches(TrainingConfig recipe) {
    try (DemoImages images = BenchImages.open()) {
      CropFeed feed = new CropFeed(recipe, BenchImages.squares(images, Split.TRAIN, EVERY), SEED);
      return IntStream.range(0, BATCHES).mapToObj(feed::batch).toList();
    }
  }

  private static double imagesPerSecond(TrainingConfig recipe, double stepMillis) {
    return 1000 * recipe.batchImages() / stepMillis;
  }

  private static Map<String, Object> against(double alone, double imagesPerSecond) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("images_per_s", imagesPerSecond);
    figures.put("times_one_worker", imagesPerSecond / alone);
    return figures;
  }

  private Timings one(
      TrainingConfig recipe, TorchScriptLibrary scripts, List<TrainingBatch> batches) {
    try (TrainerState state = TrainerState.begin(scripts.runtime().newManager(), recipe, SEED)) {
      return timed(recipe, batches, new TrainingStep(recipe, scripts, state)::run);
    }
  }

  private Timings together(
      TrainingConfig recipe, TorchScriptLibrary scripts, List<TrainingBatch> batches, int devices) {
    try (TrainerState state = TrainerState.begin(scripts.runtime().newManager(), recipe, SEED);
        DataParallelStep step =
            new DataParallelStep(
                recipe, scripts, state.snapshot(), scripts.runtime().devices(devices))) {
      return timed(recipe, batches, step::run);
    }
  }

  /** A training step of any kind. */
  @FunctionalInterface
  private interface Step {
    StepResult run(TrainingBatch batch, StepSettings settings, RandomGenerator random);
  }

  private Timings timed(TrainingConfig recipe, List<TrainingBatch> batches, Step step) {
    TrainingSchedules schedules = TrainingSchedules.of(recipe.schedule(), recipe.batchImages());
    int[] taken = {0};
    return Timings.of(
        warmup,
        steps,
        () -> {
          int at = taken[0]++;
          step.run(batches.get(at % BATCHES), schedules.at(at), new SplittableRandom(at));
        });
  }

  private Map<String, Object> rarely(
      TrainingConfig recipe,
      ParallelConfig parallel,
      TorchScriptLibrary scripts,
      List<TrainingBatch> batches,
      double alone) {
    int rounds = Math.max(1, steps / parallel.innerSteps());
    try (LocalWorkers workers = new LocalWorkers(recipe, parallel, scripts, batches, SEED)) {
      workers.round();
      double before = workers.exchangeMillis();
      Timings timings = Timings.of(0, rounds, workers::round);
      double images = (double) count * parallel.innerSteps() * recipe.batchImages();
      Map<String, Object> figures = against(alone, 1000 * images / timings.median());
      figures.put("inner_steps", parallel.innerSteps());
      figures.put("exchange_and_wait_ms_per_round", (workers.exchangeMillis() - before) / rounds);
      return figures;
    }
  }
}
