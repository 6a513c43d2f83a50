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
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freshet bench backfill}: the speed of a backfill in the feature job. */
@Command(
    name = "backfill",
    description = {
      "Time the feature job while it embeds stored images with a new champion, broker and Flink in"
          + " this process,",
      "and the model's forward pass alone (as bench embed does) before and after. The demo's"
          + " photographs; random weights."
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
      names = "--images",
      defaultValue = "400",
      description = "Stored images; default: ${DEFAULT-VALUE}.")
  private int images;

  @Option(
      names = "--batches",
      defaultValue = "12",
      description =
          "Batches of the forward pass alone, before and again after; default: ${DEFAULT-VALUE}.")
  private int batches;

  @Override
  public Integer call() throws IOException {
    VisionTransformerConfig model = EmbedBench.backbone(job.preset, job.size);
    TorchRuntime runtime = job.start();
    try (TorchScriptLibrary library =
            TorchScriptLibrary.load(runtime, ScriptSource.visionTransformer());
        VisionTransformer transformer = VisionTransformer.initialise(library, model, SEED);
        NDManager manager = runtime.newManager();
        BackfillTrial trial = BackfillTrial.start(job.directory, batch)) {
      NDArray pixels =
          manager.randomNormal(0, 1, new Shape(batch, 3, job.size, job.size), DataType.FLOAT32);
      List<RgbImage> photographs = photographs();
      Progress stored = new Progress(options.out(), "stored", photographs.size());
      trial.store(photographs, stored::at);
      trial.promote(transformer, job.size);
      double before = imagesPerSecond(transformer, pixels);
      Progress done = new Progress(options.out(), "backfill", photographs.size());
      BackfillStatus status = trial.backfill(now -> done.at(now.done()));
      double after = imagesPerSecond(transformer, pixels);
      report(status, before, after);
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

  private double imagesPerSecond(VisionTransformer transformer, NDArray pixels) {
    return 1000 * batch / EmbedBench.forward(transformer, pixels, 2, batches).median();
  }

  private void report(BackfillStatus status, double before, double after) {
    double perSecond = status.imagesPerSecond(Optional.empty()).orElseThrow();
    options.report(
        job.figures()
            .put("batch_images", batch)
            .put("images", status.images())
            .put("embedded_images", status.embedded())
            .put("passed_over_images", status.passedOver())
            .put("unavailable_images", status.unavailable())
            .put(
                "backfill_s",
                Duration.between(status.beganAt().orElseThrow(), status.at().orElseThrow())
                        .toMillis()
                    / 1e3)
            .put("images_per_s", perSecond)
            .put("forward_images_per_s_before", before)
            .put("forward_images_per_s_after", after)
            .put("share_of_forward", 2 * perSecond / (before + after))
            .put("peak_rss_mb", ProcessMemory.peakResidentMegabytes()));
  }
}
