package io.freshet.deploy.bench;

import io.freshet.deploy.demo.DemoImages;
import io.freshet.deploy.demo.DemoImages.Split;
import io.freshet.deploy.report.ProcessMemory;
import io.freshet.platform.config.Config;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.StepCost;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.step.TrainingStep;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freshet bench train}: the speed of training steps, alone and with their data. */
@Command(
    name = "train",
    description = {
      "Time training steps on squares of photographs, first with batches made before, then with batches made meanwhile.",
      "The recipe is profile bench-train unless another is named."
    },
    mixinStandardHelpOptions = true)
final class TrainBench implements Runnable {
  private static final long SEED = 7;

  /** 330 of the 1,980 squares: enough variety for speed, little memory. */
  private static final int EVERY = 6;

  /** Batches made before the clock starts, taken in turn. */
  private static final int PREPARED = 8;

  @Mixin private BenchOptions options;

  @Mixin private TorchOptions torch = TorchOptions.allCores();

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      defaultValue = "bench-train",
      description = "Whose recipe is trained; default: ${DEFAULT-VALUE}.")
  private String profile;

  @Option(
      names = "--steps",
      defaultValue = "30",
      description = "Steps that are measured in each part; default: ${DEFAULT-VALUE}.")
  private int steps;

  @Option(names = "--warmup", defaultValue = "5", description = "Steps before; default: 5.")
  private int warmup;

  @Override
  public void run() {
    TrainingConfig recipe =
        Config.defaults().profile(profile).section("trainer.recipe", TrainingConfig.class);
    TorchRuntime runtime = torch.start();
    CropFeed feed;
    try (DemoImages images = BenchImages.open()) {
      feed = new CropFeed(recipe, BenchImages.squares(images, Split.TRAIN, EVERY), SEED);
    }
    double gemmBefore = MatrixProduct.gflops(runtime);
    try (TorchScriptLibrary scripts = torch.scripts(runtime);
        TrainerState state = TrainerState.begin(runtime.newManager(), recipe, SEED)) {
      Stepper stepper = new Stepper(recipe, scripts, state);
      TrainingBatch[] prepared = new TrainingBatch[PREPARED];
      for (int i = 0; i < PREPARED; i++) {
        prepared[i] = feed.batch(i);
      }
      int[] next = {0};
      Timings alone = Timings.of(warmup, steps, () -> stepper.step(prepared[next[0]++ % PREPARED]));
      long peak = ProcessMemory.peakResidentMegabytes();
      Fed fed = fed(stepper, feed, PREPARED);
      double gemm = Math.max(gemmBefore, MatrixProduct.gflops(runtime));
      double cost = StepCost.gigaflopsPerImage(recipe);
      double imagesPerSecond = 1000 * recipe.batchImages() / alone.median();
      options.report(
          torch
              .put(new Figures().put("profile", profile), runtime)
              .put("batch_images", recipe.batchImages())
              .put("images_per_s", imagesPerSecond)
              .put("step_ms", alone.median())
              .put("step_ms_best", alone.best())
              .put("gflop_per_image", cost)
              .put("gemm_gflops", gemm)
              .put("share_of_limit", imagesPerSecond * cost / gemm)
              .put("fed_images_per_s", 1000 * recipe.batchImages() / fed.wholeMillis())
              .put("decode_threads", 1)
              .put("data_wait_share", fed.waitMillis() / fed.wholeMillis())
              .put("peak_rss_mb", peak));
    }
  }

  /** Mean time of a step with its data, and of that the time without a batch. */
  private record Fed(double wholeMillis, double waitMillis) {}

  /** Steps whose batches another thread makes meanwhile, one ahead. */
  private Fed fed(Stepper stepper, CropFeed feed, long from) {
    ExecutorService maker = Executors.newSingleThreadExecutor();
    try {
      long start = System.nanoTime();
      long waited = 0;
      CompletableFuture<TrainingBatch> ahead =
          CompletableFuture.supplyAsync(() -> feed.batch(from), maker);
      for (int i = 0; i < steps; i++) {
        long step = from + i + 1;
        long asked = System.nanoTime();
        TrainingBatch batch = ahead.join();
        waited += System.nanoTime() - asked;
        ahead = CompletableFuture.supplyAsync(() -> feed.batch(step), maker);
        stepper.step(batch);
      }
      return new Fed((System.nanoTime() - start) / 1e6 / steps, waited / 1e6 / steps);
    } finally {
      maker.shutdown();
    }
  }

  /** Steps of one state by its schedules. */
  private static final class Stepper {
    private final TrainingStep step;
    private final TrainingSchedules schedules;

    Stepper(TrainingConfig recipe, TorchScriptLibrary scripts, TrainerState state) {
      this.step = new TrainingStep(recipe, scripts, state);
      this.schedules = TrainingSchedules.of(recipe.schedule(), recipe.batchImages());
    }

    void step(TrainingBatch batch) {
      StepSettings settings = schedules.at(step.state().step());
      step.run(batch, settings, new SplittableRandom(step.state().step()));
    }
  }
}
