package io.freshet.deploy.bench;

import io.freshet.deploy.demo.DemoImages;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.DecodeLimits;
import io.freshet.vision.image.ImageDecoder;
import io.freshet.vision.image.ImageRejectedException;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchSettings;
import io.freshet.vision.transform.MultiCropAugmentation;
import io.freshet.vision.transform.MultiCropConfig;
import io.freshet.vision.transform.StageTimes.Stage;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freshet bench augment}: from a JPEG to its crops on one core. */
@Command(
    name = "augment",
    description = {
      "Time multi-crop augmentation on one core: decoding a JPEG of a photograph and making its crops,",
      "and the same from pixels and from the encoding that the trainer reads."
    },
    mixinStandardHelpOptions = true)
final class AugmentBench implements Runnable {
  private static final long SEED = 7;
  private static final float JPEG_QUALITY = 0.87f;

  /**
   * What torchvision's pipeline (decode, 2 x 224 and 8 x 98 pixels from 512) made of a second of a
   * core while a matrix product ran at this speed there: half of the machine's 280.
   */
  private static final double ORIGINAL_IMAGES_PER_SECOND = 25.5;

  private static final double ORIGINAL_GEMM_GFLOPS = 140;

  @Mixin private BenchOptions options;

  @Option(
      names = "--side",
      defaultValue = "512",
      description = "Pixels of a side of the photographs; default: ${DEFAULT-VALUE}.")
  private int side;

  @Option(
      names = "--rounds",
      defaultValue = "12",
      description = "Rounds over all photographs that are measured; default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--warmup",
      defaultValue = "12",
      description = "Rounds before, in which the code is compiled; default: ${DEFAULT-VALUE}.")
  private int warmup;

  @Override
  public void run() {
    List<RgbImage> photographs;
    try (DemoImages images = BenchImages.open()) {
      photographs = BenchImages.photographs(images, side);
    }
    List<byte[]> jpegs =
        photographs.stream().map(image -> BenchImages.jpeg(image, JPEG_QUALITY)).toList();
    List<byte[]> canonical = photographs.stream().map(CanonicalEncoding::encode).toList();
    TorchRuntime runtime = TorchRuntime.start(TorchSettings.defaults().withThreads(1));
    double gemmBefore = MatrixProduct.gflops(runtime);

    Crops crops = new Crops();
    Timings decode = perImage(warmup, jpegs, AugmentBench::decode);
    Timings decodeCanonical = perImage(warmup, canonical, CanonicalEncoding::decode);
    Timings ofPixels = perImage(warmup, photographs, crops::make);
    Timings ofCanonical = perImage(1, canonical, png -> crops.make(CanonicalEncoding.decode(png)));
    Map<Stage, Double> before = crops.augmentation.times().millis();
    Timings ofJpegs = perImage(0, jpegs, jpeg -> crops.make(decode(jpeg)));
    Map<Stage, Double> after = crops.augmentation.times().millis();
    Map<String, Double> stages = new LinkedHashMap<>();
    after.forEach(
        (stage, millis) ->
            stages.put(
                stage.name().toLowerCase(Locale.ROOT),
                (millis - before.get(stage)) / (rounds * jpegs.size())));

    double gemm = Math.max(gemmBefore, MatrixProduct.gflops(runtime));
    double imagesPerSecond = 1000 / ofJpegs.median();
    double timesOriginal = imagesPerSecond / ORIGINAL_IMAGES_PER_SECOND;
    options.report(
        new Figures()
            .put("photographs", jpegs.size())
            .put("side_pixels", side)
            .put("jpeg_bytes", jpegs.stream().mapToInt(jpeg -> jpeg.length).average().orElseThrow())
            .put("decode_threads", 1)
            .put("images_per_s_per_core", imagesPerSecond)
            .put("ms_per_image", ofJpegs.median())
            .put("ms_per_image_best", ofJpegs.best())
            .put("decode_ms", decode.median())
            .put("stages_ms", stages)
            .put("crops_ms", ofPixels.median())
            .put("crops_images_per_s_per_core", 1000 / ofPixels.median())
            .put("canonical_decode_ms", decodeCanonical.median())
            .put("canonical_images_per_s_per_core", 1000 / ofCanonical.median())
            .put("gemm_gflops_one_thread", gemm)
            .put("times_original", timesOriginal)
            .put("times_original_at_its_gemm", timesOriginal * ORIGINAL_GEMM_GFLOPS / gemm));
  }

  /** Mean time of an image in each round. */
  private <T> Timings perImage(int warmups, List<T> images, Consumer<T> operation) {
    Timings ofRounds = Timings.of(warmups, rounds, () -> images.forEach(operation));
    return new Timings(
        Arrays.stream(ofRounds.millis()).map(millis -> millis / images.size()).toArray());
  }

  private static RgbImage decode(byte[] jpeg) {
    try {
      return new ImageDecoder(DecodeLimits.DEFAULTS).decode(jpeg).image();
    } catch (ImageRejectedException e) {
      throw new IllegalStateException("a JPEG of its own making is refused", e);
    }
  }

  /** The crops of one picture after the other, in the same memory. */
  private static final class Crops {
    private final MultiCropAugmentation augmentation =
        new MultiCropAugmentation(MultiCropConfig.dinov2(224, 8, 98));
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final int globalLength = augmentation.config().global().length();
    private final int localLength = augmentation.config().local().length();
    private final float[] globals = new float[MultiCropConfig.GLOBAL_CROPS * globalLength];
    private final float[] locals = new float[augmentation.config().localCount() * localLength];

    void make(RgbImage image) {
      augmentation.augment(image, random, globals, 0, globalLength, locals, 0, localLength);
    }
  }
}
