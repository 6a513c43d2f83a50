package io.freshet.vision.transform;

import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Makes two global and several local crops of a picture, each cut, mirrored, recoloured, blurred
 * and normalised at random: resized crop, flip, colour jitter, greyscale, blur, and for the second
 * global crop solarize, in this order and with the arithmetic of the reference.
 *
 * <p>The same picture, configuration and generator state give the same floats. Keeps its buffers,
 * so that a crop makes no garbage; one owner thread, one instance each.
 */
public final class MultiCropAugmentation {
  private final MultiCropConfig config;
  private final RandomResizedCrop globalCrops;
  private final RandomResizedCrop localCrops;
  private final PixelColumns columns = new PixelColumns();
  private final ColumnResampler columnResampler = new ColumnResampler();
  private final Resampler rowResampler = new Resampler();
  private final GaussianBlur blur;
  private final float[][] tables;
  private final Planes pixels;
  private final int[] luma;
  private final HueTurn hueTurn = new HueTurn();
  private final StageTimes times = new StageTimes();

  /** One crop of a picture that is too large for columns. */
  private byte[] interleaved = new byte[0];

  public MultiCropAugmentation(MultiCropConfig config) {
    this.config = config;
    this.globalCrops = config.global().sampler();
    this.localCrops = config.local().sampler();
    this.blur = new GaussianBlur(config.blur().kernel());
    this.tables = config.normalisation().tables();
    int side = Math.max(config.global().size(), config.local().size());
    this.pixels = new Planes(side * side);
    this.luma = new int[side * side];
  }

  public MultiCropConfig config() {
    return config;
  }

  /** Where the time of all calls so far went. */
  public StageTimes times() {
    return times;
  }

  /**
   * Writes the crops of one picture. Global crop {@code i} goes to {@code globals} from {@code
   * globalStart + i * globalStride} on, as (3, size, size); local crops likewise. The strides make
   * room for the crop-major order of a batch: with {@code B} pictures the stride is {@code B} times
   * the length of a crop.
   */
  public void augment(
      RgbImage image,
      RandomGenerator random,
      float[] globals,
      int globalStart,
      int globalStride,
      float[] locals,
      int localStart,
      int localStride) {
    times.begin();
    boolean turned = (long) image.width() * image.height() <= PixelColumns.MAX_PIXELS;
    if (turned) {
      columns.load(image);
    }
    MultiCropConfig.Blur blurs = config.blur();
    int size = config.global().size();
    cut(image, turned, globalCrops, size, random);
    boolean mirrored = recolour(random);
    blurred(blurs.firstGlobalProbability(), random);
    write(mirrored, globals, globalStart);

    cut(image, turned, globalCrops, size, random);
    mirrored = recolour(random);
    blurred(blurs.secondGlobalProbability(), random);
    if (random.nextDouble() < config.solarizeProbability()) {
      Photometric.solarize(pixels, config.solarizeThreshold());
    }
    write(mirrored, globals, globalStart + globalStride);

    for (int i = 0; i < config.localCount(); i++) {
      cut(image, turned, localCrops, config.local().size(), random);
      mirrored = recolour(random);
      blurred(blurs.localProbability(), random);
      write(mirrored, locals, localStart + i * localStride);
    }
  }

  /** The crops of one picture as arrays of their own: two global ones, then the local ones. */
  public List<float[]> crops(RgbImage image, RandomGenerator random) {
    int globalLength = config.global().length();
    int localLength = config.local().length();
    float[] globals = new float[MultiCropConfig.GLOBAL_CROPS * globalLength];
    float[] locals = new float[config.localCount() * localLength];
    augment(image, random, globals, 0, globalLength, locals, 0, localLength);
    List<float[]> crops = new ArrayList<>();
    for (int i = 0; i < MultiCropConfig.GLOBAL_CROPS; i++) {
      crops.add(Arrays.copyOfRange(globals, i * globalLength, (i + 1) * globalLength));
    }
    for (int i = 0; i < config.localCount(); i++) {
      crops.add(Arrays.copyOfRange(locals, i * localLength, (i + 1) * localLength));
    }
    return crops;
  }

  private void cut(
      RgbImage image, boolean turned, RandomResizedCrop sampler, int size, RandomGenerator random) {
    Crop crop = sampler.sample(image.width(), image.height(), random);
    if (turned) {
      columnResampler.resize(columns, crop, size, size, Resampling.BICUBIC, pixels);
    } else {
      cutLarge(image, crop, size);
    }
    times.end(StageTimes.Stage.RESIZE);
  }

  private void cutLarge(RgbImage image, Crop crop, int size) {
    int length = RgbImage.sizeOf(size, size);
    if (interleaved.length < length) {
      interleaved = new byte[length];
    }
    rowResampler.resize(
        image.rgb(),
        image.width(),
        Planes.CHANNELS,
        crop,
        size,
        size,
        Crop.whole(size, size),
        Resampling.BICUBIC,
        interleaved);
    pixels.begin(size, size);
    pixels.setInterleaved(interleaved);
  }

  /**
   * Returns whether the crop is to be mirrored: everything after the flip treats both sides alike.
   */
  private boolean recolour(RandomGenerator random) {
    boolean mirrored = random.nextDouble() < config.flipProbability();
    config.jitter().apply(pixels, luma, hueTurn, random);
    if (random.nextDouble() < config.greyscaleProbability()) {
      Photometric.greyscale(pixels);
    }
    times.end(StageTimes.Stage.JITTER);
    return mirrored;
  }

  private void blurred(double probability, RandomGenerator random) {
    if (random.nextDouble() < probability) {
      double low = config.blur().minSigma();
      double sigma = low + (config.blur().maxSigma() - low) * random.nextDouble();
      blur.apply(pixels, sigma);
    }
    times.end(StageTimes.Stage.BLUR);
  }

  private void write(boolean mirrored, float[] out, int start) {
    int width = pixels.width();
    for (int c = 0; c < Planes.CHANNELS; c++) {
      int[] plane = pixels.plane(c);
      int target = start + c * pixels.length();
      if (mirrored) {
        for (int y = 0; y < pixels.height(); y++) {
          mirror(plane, y * width, tables[c], out, target + y * width, width);
        }
      } else {
        normalise(plane, tables[c], out, target, pixels.length());
      }
    }
    times.end(StageTimes.Stage.WRITE);
  }

  private static void normalise(int[] in, float[] table, float[] out, int to, int length) {
    for (int i = 0; i < length; i++) {
      out[to + i] = table[in[i] & 0xff];
    }
  }

  private static void mirror(int[] in, int start, float[] table, float[] out, int to, int length) {
    int last = start + length - 1;
    for (int i = 0; i < length; i++) {
      out[to + i] = table[in[last - i] & 0xff];
    }
  }
}
