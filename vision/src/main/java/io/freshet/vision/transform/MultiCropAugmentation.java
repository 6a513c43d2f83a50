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
  private final Resampler resampler = new Resampler();
  private final GaussianBlur blur;
  private final float[][] tables;
  private final byte[] pixels;

  public MultiCropAugmentation(MultiCropConfig config) {
    this.config = config;
    this.globalCrops = config.global().sampler();
    this.localCrops = config.local().sampler();
    this.blur = new GaussianBlur(config.blur().kernel());
    this.tables = config.normalisation().tables();
    this.pixels = new byte[Math.max(config.global().length(), config.local().length())];
  }

  public MultiCropConfig config() {
    return config;
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
    MultiCropConfig.Blur blurs = config.blur();
    int size = config.global().size();
    cut(image, globalCrops, size, random);
    boolean mirrored = recolour(size, random);
    blurred(size, blurs.firstGlobalProbability(), random);
    write(size, mirrored, globals, globalStart);

    cut(image, globalCrops, size, random);
    mirrored = recolour(size, random);
    blurred(size, blurs.secondGlobalProbability(), random);
    if (random.nextDouble() < config.solarizeProbability()) {
      Photometric.solarize(pixels, 3 * size * size, config.solarizeThreshold());
    }
    write(size, mirrored, globals, globalStart + globalStride);

    int localSize = config.local().size();
    for (int i = 0; i < config.localCount(); i++) {
      cut(image, localCrops, localSize, random);
      mirrored = recolour(localSize, random);
      blurred(localSize, blurs.localProbability(), random);
      write(localSize, mirrored, locals, localStart + i * localStride);
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

  private void cut(RgbImage image, RandomResizedCrop sampler, int size, RandomGenerator random) {
    Crop crop = sampler.sample(image.width(), image.height(), random);
    resampler.resize(
        image.rgb(),
        image.width(),
        3,
        crop,
        size,
        size,
        Crop.whole(size, size),
        Resampling.BICUBIC,
        pixels);
  }

  /**
   * Returns whether the crop is to be mirrored: everything after the flip treats both sides alike.
   */
  private boolean recolour(int size, RandomGenerator random) {
    boolean mirrored = random.nextDouble() < config.flipProbability();
    int length = 3 * size * size;
    config.jitter().apply(pixels, length, random);
    if (random.nextDouble() < config.greyscaleProbability()) {
      Photometric.greyscale(pixels, length);
    }
    return mirrored;
  }

  private void blurred(int size, double probability, RandomGenerator random) {
    if (random.nextDouble() < probability) {
      double low = config.blur().minSigma();
      double sigma = low + (config.blur().maxSigma() - low) * random.nextDouble();
      blur.apply(pixels, size, size, sigma);
    }
  }

  private void write(int size, boolean mirrored, float[] out, int start) {
    int plane = size * size;
    for (int c = 0; c < 3; c++) {
      float[] table = tables[c];
      int target = start + c * plane;
      for (int y = 0; y < size; y++) {
        int source = 3 * (mirrored ? (y + 1) * size - 1 : y * size) + c;
        int step = mirrored ? -3 : 3;
        for (int x = 0; x < size; x++) {
          out[target++] = table[pixels[source] & 0xff];
          source += step;
        }
      }
    }
  }
}
