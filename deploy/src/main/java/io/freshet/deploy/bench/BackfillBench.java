package io.freshet.deploy.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.freshet.deploy.backfill.BackfillStatus;
import io.freshet.deploy.demo.DemoImages;
import io.freshet.deploy.demo.DemoImages.Split;
import io.freshet.deploy.report.ProcessMemory;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.model.VisionTransformer;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freshet bench backfill}: the speed of a backfill in the feature job. */
@Command(
    name = "backfill",
    description = {
      "Time the feature job while it embeds stored images with a new champion, broker and Flink in"
          + " this process,",
      "and the model's forward pass alone (as bench embed does): in turns, since the speed of a"
          + " machine wanders, with the",
      "backfill paused meanwhile. The demo's photographs; random weights."
    },
    mixinStandardHelpOptions = true)
final class BackfillBench implements Callable<Integer> {
  private static final long SEED = 7;

  @Mixin private BenchOptions options;

  @Mixin private JobOptions job;

  @Option(
      names = "--batch",
      defaultValue = "8",
      description = "Images of a forward pass; default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--tasks",
      defaultValue = "1",
      description =
          "Tasks that embed side by side, each with --threads of libtorch, and passes that do so"
              + " alone; default: ${DEFAULT-VALUE}.")
  private int tasks;

  @Option(
      names = "--images",
      defaultValue = "1600",
      description = "Stored images; default: ${DEFAULT-VALUE}.")
  private int images;

  @Option(
      names = "--turns",
      defaultValue = "5",
      description = "Turns of the backfill; default: ${DEFAULT-VALUE}.")
  private int turns;

  @Option(
      names = "--turn-images",
      defaultValue = "120",
      description = "Images of a turn, at least; default: ${DEFAULT-VALUE}.")
  private int turnImages;

  @Option(
      names = "--batches",
      defaultValue = "12",
      description =
          "Batches of the forward pass alone, before and after each turn; default: ${DEFAULT-VALUE}.")
  private int batches;

  @Override
  public Integer call() throws IOException {
    VisionTransformerConfig model = EmbedBench.backbone(job.preset, job.size);
    TorchRuntime runtime = job.start();
    try (TorchScriptLibrary library =
            TorchScriptLibrary.load(runtime, ScriptSource.visionTransformer());
        VisionTransformer transformer = VisionTransformer.initialise(library, model, SEED);
        NDManager manager = runtime.newManager();
        BackfillTrial trial = BackfillTrial.start(job.directory, batch, tasks)) {
      NDArray pixels =
          manager.randomNormal(0, 1, new Shape(batch, 3, job.size, job.size), DataType.FLOAT32);
      List<RgbImage> photographs = photographs();
      Progress stored = new Progress(options.out(), "stored", photographs.size());
      trial.store(photographs, stored::at);
      trial.promote(transformer, job.size);
      trial.order();
      Progress done = new Progress(options.out(), "backfill", photographs.size());
      List<Turn> taken = new ArrayList<>();
      double before = imagesPerSecond(transformer, pixels);
      for (int turn = 0; turn < turns; turn++) {
        double embedded = trial.goOn(turnImages, done::at);
        double after = imagesPerSecond(transformer, pixels);
        taken.add(new Turn(embedded, before, after));
        before = after;
      }
      report(trial.status(), taken);
    }
    return 0;
  }

  private List<RgbImage> photographs() {
    try (DemoImages demo = BenchImages.open()) {
      int all = demo.squares(Split.TRAIN).size();
      if (images < batch || images > all) {
        throw new IllegalArgumentException(
            "--images must be %d to %d, one batch to all there are, not %d"
                .formatted(batch, all, images));
      }
      return BenchImages.squares(demo, Split.TRAIN, all / images).subList(0, images);
    }
  }

  /** Of as many passes side by side as there are tasks. */
  private double imagesPerSecond(VisionTransformer transformer, NDArray pixels) {
    return IntStream.range(0, tasks)
        .mapToObj(
            task ->
                CompletableFuture.supplyAsync(
                    () -> EmbedBench.forward(transformer, pixels, 2, batches),
                    runnable -> new Thread(runnable, "pass-" + task).start()))
        .toList()
        .stream()
        .mapToDouble(pass -> 1000 * batch / pass.join().median())
        .sum();
  }

  private void report(BackfillStatus status, List<Turn> taken) {
    options.report(
        job.figures()
            .put("tasks", tasks)
            .put("batch_images", batch)
            .put("images", status.images())
            .put("embedded_images", status.embedded())
            .put("passed_over_images", status.passedOver())
            .put("unavailable_images", status.unavailable())
            .put("images_per_s", median(taken, Turn::imagesPerSecond))
            .put("forward_images_per_s", median(taken, Turn::forward))
            .put("share_of_forward", median(taken, Turn::share))
            .put("shares", taken.stream().map(Turn::share).toList())
            .put("peak_rss_mb", ProcessMemory.peakResidentMegabytes()));
  }

  private static double median(List<Turn> taken, ToDoubleFunction<Turn> figure) {
    return new Timings(taken.stream().mapToDouble(figure).toArray()).median();
  }

  /**
   * One turn of the backfill between two of the forward pass, images a second.
   *
   * @param imagesPerSecond of the backfill
   */
  private record Turn(double imagesPerSecond, double before, double after) {
    double forward() {
      return (before + after) / 2;
    }

    double share() {
      return imagesPerSecond / forward();
    }
  }
}
