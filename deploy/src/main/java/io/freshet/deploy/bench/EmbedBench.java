package io.freshet.deploy.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.freshet.deploy.report.ProcessMemory;
import io.freshet.platform.config.Config;
import io.freshet.trainer.release.OnnxExport;
import io.freshet.trainer.step.ModelConfig;
import io.freshet.trainer.step.StepCost;
import io.freshet.vision.model.VisionTransformer;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freshet bench embed}: the speed of a backbone's forward pass. */
@Command(
    name = "embed",
    description = {
      "Time the features of batches in memory, and the same model in ONNX Runtime as a peer.",
      "Weights are random; the position embedding is learned at 37 x 37 patches, as the released"
          + " ones, and interpolated."
    },
    mixinStandardHelpOptions = true)
final class EmbedBench implements Runnable {
  private static final long SEED = 7;

  /** Patches along a side of the released models' position embeddings. */
  private static final int RELEASED_GRID = 37;

  @Mixin private BenchOptions options;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      defaultValue = "vits14",
      description = "The profile whose backbone is timed; default: ${DEFAULT-VALUE}.")
  private String preset;

  @Option(
      names = "--size",
      paramLabel = "PX",
      defaultValue = "224",
      description = "Side of an image; default: ${DEFAULT-VALUE}.")
  private int size;

  @Option(
      names = "--batch",
      defaultValue = "8",
      description = "Images of a batch; default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--batches",
      defaultValue = "20",
      description = "Batches that are measured; default: ${DEFAULT-VALUE}.")
  private int batches;

  @Option(
      names = "--warmup",
      defaultValue = "4",
      description = "Batches before; default: ${DEFAULT-VALUE}.")
  private int warmup;

  @Option(names = "--threads", description = "Threads of libtorch; default: all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--no-onnx", description = "Leave the peer out.")
  private boolean withoutOnnx;

  @Override
  public void run() {
    VisionTransformerConfig model = backbone(preset, size);
    TorchRuntime runtime = TorchRuntime.start(TorchSettings.defaults().withThreads(threads));
    try (TorchScriptLibrary library =
            TorchScriptLibrary.load(runtime, ScriptSource.visionTransformer());
        VisionTransformer transformer = VisionTransformer.initialise(library, model, SEED);
        NDManager manager = runtime.newManager()) {
      double gemmBefore = MatrixProduct.gflops(library);
      NDArray images =
          manager.randomNormal(0, 1, new Shape(batch, 3, size, size), DataType.FLOAT32);
      Timings timings = forward(transformer, images, warmup, batches);
      double gemm = Math.max(gemmBefore, MatrixProduct.gflops(library));
      double cost = StepCost.gigaflopsToEmbed(model, size);
      double imagesPerSecond = 1000 * batch / timings.median();
      Figures figures =
          new Figures()
              .put("preset", preset)
              .put("device", runtime.device().toString())
              .put("torch_threads", threads)
              .put("image_size_px", size)
              .put("batch_images", batch)
              .put("images_per_s", imagesPerSecond)
              .put("batch_ms", timings.median())
              .put("batch_ms_best", timings.best())
              .put("gflop_per_image", cost)
              .put("gemm_gflops", gemm)
              .put("share_of_limit", imagesPerSecond * cost / gemm)
              .put("peak_rss_mb", ProcessMemory.peakResidentMegabytes());
      if (!withoutOnnx) {
        Timings peer =
            OnnxPeer.timings(
                OnnxExport.export(model, transformer.weights()).toByteArray(),
                images.toFloatArray(),
                new long[] {batch, 3, size, size},
                threads,
                warmup,
                batches);
        figures
            .put("onnx_images_per_s", 1000 * batch / peer.median())
            .put("onnx_batch_ms", peer.median())
            .put("onnx_batch_ms_best", peer.best());
      }
      options.report(figures);
    }
  }

  /**
   * The backbone of a profile.
   *
   * @param size side of an image, pixels
   */
  static VisionTransformerConfig backbone(String preset, int size) {
    ModelConfig model =
        Config.defaults().profile(preset).section("trainer.recipe.model", ModelConfig.class);
    if (size % model.patchSize() != 0) {
      throw new IllegalArgumentException(
          "--size %d is no multiple of the patch of %d; give --size %d"
              .formatted(size, model.patchSize(), size / model.patchSize() * model.patchSize()));
    }
    return model.backbone(RELEASED_GRID * model.patchSize());
  }

  /**
   * Times the class tokens of a batch.
   *
   * @param images {@code (B, 3, size, size)}
   */
  static Timings forward(VisionTransformer transformer, NDArray images, int warmup, int batches) {
    return Timings.of(warmup, batches, () -> embed(transformer, images));
  }

  private static void embed(VisionTransformer transformer, NDArray images) {
    try (NDManager call = transformer.library().runtime().newManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      transformer.forwardFeatures(call, GradMode.INFERENCE_MODE, images).clsToken().toFloatArray();
    }
  }
}
