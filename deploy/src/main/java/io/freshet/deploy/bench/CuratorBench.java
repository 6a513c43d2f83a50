package io.freshet.deploy.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.freshet.deploy.bench.CuratorTrial.Passage;
import io.freshet.deploy.demo.DemoImages;
import io.freshet.deploy.demo.DemoImages.Split;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.model.VisionTransformer;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freshet bench curator}: the curation job's embedding, against its batches. */
@Command(
    name = "curator",
    description = {
      "Time the curation job while it embeds images of a topic, broker and Flink in this process,"
          + " for several batch",
      "sizes: images a second while there are enough of them, the model's forward pass alone (as"
          + " bench embed does), and",
      "how long an image takes when they come at half that speed. The demo's photographs; random"
          + " weights."
    },
    mixinStandardHelpOptions = true)
final class CuratorBench implements Callable<Integer> {
  private static final long SEED = 7;
  private static final int FORWARD_BATCHES = 12;

  @Mixin private BenchOptions options;

  @Mixin private JobOptions job;

  @Option(
      names = "--batches",
      split = ",",
      defaultValue = "1,4,16,64",
      description = "Images of a forward pass, several values; default: ${DEFAULT-VALUE}.")
  private List<Integer> batches;

  @Option(
      names = "--images",
      defaultValue = "400",
      description = "Images that are there at once; default: ${DEFAULT-VALUE}.")
  private int images;

  @Option(
      names = "--paced",
      defaultValue = "100",
      description = "Images that come one by one, afterwards; default: ${DEFAULT-VALUE}.")
  private int paced;

  @Override
  public Integer call() throws IOException {
    VisionTransformerConfig model = EmbedBench.backbone(job.preset, job.size);
    List<RgbImage> photographs = photographs();
    TorchRuntime runtime = job.start();
    List<Map<String, Object>> runs = new ArrayList<>();
    try (TorchScriptLibrary library =
            TorchScriptLibrary.load(runtime, ScriptSource.visionTransformer());
        VisionTransformer transformer = VisionTransformer.initialise(library, model, SEED)) {
      for (int batch : batches) {
        runs.add(measure(transformer, batch, photographs));
      }
    }
    options.report(
        job.figures().put("images", images).put("paced_images", paced).put("runs", runs));
    return 0;
  }

  /** One for the seed, then those that are there at once, then those that come one by one. */
  private List<RgbImage> photographs() {
    try (DemoImages demo = BenchImages.open()) {
      int needed = 1 + images + paced;
      int all = demo.squares(Split.TRAIN).size();
      if (images < 2 || paced < 1 || needed > all) {
        throw new IllegalArgumentException(
            "--images %d and --paced %d; at least 2 and 1, together at most %d"
                .formatted(images, paced, all - 1));
      }
      return BenchImages.squares(demo, Split.TRAIN, all / needed).subList(0, needed);
    }
  }

  private Map<String, Object> measure(
      VisionTransformer transformer, int batch, List<RgbImage> photographs) throws IOException {
    double before = forward(transformer, batch);
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("batch_images", batch);
    try (CuratorTrial trial =
        CuratorTrial.start(job.directory, batch, transformer, job.size, photographs.get(0))) {
      Progress progress = new Progress(options.out(), "batches of " + batch, images);
      List<Passage> atOnce =
          trial.pass(photographs.subList(1, 1 + images), Duration.ZERO, progress::at);
      double perSecond = perSecond(atOnce, Math.min(2 * batch, images / 4));
      Duration pause = Duration.ofNanos((long) (2e9 / perSecond));
      Progress oneByOne = new Progress(options.out(), "one by one", paced);
      double[] millis =
          trial
              .pass(photographs.subList(1 + images, photographs.size()), pause, oneByOne::at)
              .stream()
              .mapToDouble(Passage::millis)
              .sorted()
              .toArray();
      double alone = (before + forward(transformer, batch)) / 2;
      figures.put("images_per_s", perSecond);
      figures.put("forward_images_per_s", alone);
      figures.put("share_of_forward", perSecond / alone);
      figures.put("paced_images_per_s", perSecond / 2);
      figures.put("latency_ms_p50", millis[millis.length / 2]);
      figures.put("latency_ms_p95", millis[millis.length * 95 / 100]);
    }
    return figures;
  }

  /**
   * @param start images that are left out: what comes before the job is under way
   */
  private static double perSecond(List<Passage> passed, int start) {
    Duration time =
        Duration.between(passed.get(start).curated(), passed.get(passed.size() - 1).curated());
    return (passed.size() - 1 - start) / (time.toNanos() / 1e9);
  }

  private double forward(VisionTransformer transformer, int batch) {
    try (NDManager manager = transformer.library().runtime().newManager()) {
      NDArray pixels =
          manager.randomNormal(0, 1, new Shape(batch, 3, job.size, job.size), DataType.FLOAT32);
      int repetitions = Math.max(2, FORWARD_BATCHES * 8 / Math.max(8, batch));
      return 1000 * batch / EmbedBench.forward(transformer, pixels, 2, repetitions).median();
    }
  }
}
