package io.freshet.vision.transform;

import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The augmentation one operation after the other on interleaved bytes: what {@link
 * MultiCropAugmentation} must equal, draws of the generator included.
 */
final class StraightforwardAugmentation {
  private final MultiCropConfig config;
  private final RandomResizedCrop globalCrops;
  private final RandomResizedCrop localCrops;
  private final Resampler resampler = new Resampler();
  private final StraightforwardBlur blur;
  private final float[][] tables;
  private final byte[] pixels;

  StraightforwardAugmentation(MultiCropConfig config) {
    this.config = config;
    this.globalCrops = config.global().sampler();
    this.localCrops = config.local().sampler();
    this.blur = new StraightforwardBlur(config.blur().kernel());
    this.tables = config.normalisation().tables();
    this.pixels = new byte[Math.max(config.global().length(), config.local().length())];
  }

  /** Two global crops, then the local ones. */
  List<float[]> crops(RgbImage image, RandomGenerator random) {
    List<float[]> crops = new ArrayList<>();
    MultiCropConfig.Blur blurs = config.blur();
    int size = config.global().size();
    for (int i = 0; i < MultiCropConfig.GLOBAL_CROPS; i++) {
      cut(image, globalCrops, size, random);
      boolean mirrored = recolour(size, random);
      blurred(
          size, i == 0 ? blurs.firstGlobalProbability() : blurs.secondGlobalProbability(), random);
      if (i == 1 && random.nextDouble() < config.solarizeProbability()) {
        StraightforwardPhotometric.solarize(pixels, 3 * size * size, config.solarizeThreshold());
      }
      crops.add(normalised(size, mirrored));
    }
    int localSize = config.local().size();
    for (int i = 0; i < config.localCount(); i++) {
      cut(image, localCrops, localSize, random);
      boolean mirrored = recolour(localSize, random);
      blurred(localSize, blurs.localProbability(), random);
      crops.add(normalised(localSize, mirrored));
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
    jitter(length, random);
    if (random.nextDouble() < config.greyscaleProbability()) {
      StraightforwardPhotometric.greyscale(pixels, length);
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

  private void jitter(int length, RandomGenerator random) {
    ColourJitter jitter = config.jitter();
    if (random.nextDouble() >= jitter.probability()) {
      return;
    }
    float brightness = factor(jitter.brightness(), random);
    float contrast = factor(jitter.contrast(), random);
    float saturation = factor(jitter.saturation(), random);
    double hue = jitter.hue() * (2 * random.nextDouble() - 1);
    List<Runnable> changes =
        new ArrayList<>(
            List.of(
                () -> StraightforwardPhotometric.brightness(pixels, length, brightness),
                () -> StraightforwardPhotometric.contrast(pixels, length, contrast),
                () -> StraightforwardPhotometric.saturation(pixels, length, saturation),
                () -> StraightforwardPhotometric.hue(pixels, length, hue)));
    while (!changes.isEmpty()) {
      changes.remove(random.nextInt(changes.size())).run();
    }
  }

  private static float factor(double spread, RandomGenerator random) {
    double low = Math.max(0, 1 - spread);
    return (float) (low + (1 + spread - low) * random.nextDouble());
  }

  private float[] normalised(int size, boolean mirrored) {
    float[] out = new float[3 * size * size];
    for (int i = 0; i < out.length; i++) {
      int c = i / (size * size);
      int y = i / size % size;
      int x = mirrored ? size - 1 - i % size : i % size;
      out[i] = tables[c][pixels[3 * (y * size + x) + c] & 0xff];
    }
    return out;
  }
}
