package io.freshet.vision.transform;

/**
 * The augmentation of DINOv2 ({@code DataAugmentationDINO}).
 *
 * @param global the two global crops
 * @param local the local crops
 * @param localCount local crops a picture
 * @param flipProbability of mirroring left to right
 * @param jitter of colours
 * @param greyscaleProbability of losing all colour
 * @param blur of each kind of crop
 * @param solarizeProbability on the second global crop alone
 * @param solarizeThreshold samples from here on are inverted
 * @param normalisation of the output
 */
public record MultiCropConfig(
    View global,
    View local,
    int localCount,
    double flipProbability,
    ColourJitter jitter,
    double greyscaleProbability,
    Blur blur,
    double solarizeProbability,
    int solarizeThreshold,
    Normalisation normalisation) {

  /** Global crops a picture; the method is defined for two. */
  public static final int GLOBAL_CROPS = 2;

  /**
   * Crops of one kind.
   *
   * @param size pixels of a side
   * @param minScale smallest share of the picture's area
   * @param maxScale largest share
   */
  public record View(int size, double minScale, double maxScale) {
    public View {
      if (size < 1) {
        throw new IllegalArgumentException("a crop has at least one pixel, not " + size);
      }
      RandomResizedCrop.ofScale(minScale, maxScale);
    }

    RandomResizedCrop sampler() {
      return RandomResizedCrop.ofScale(minScale, maxScale);
    }

    /** Floats of one crop: 3 x size x size. */
    public int length() {
      return 3 * size * size;
    }
  }

  /**
   * Gaussian blur.
   *
   * @param kernel pixels of a side, odd
   * @param minSigma smallest deviation in pixels
   * @param maxSigma largest deviation
   * @param firstGlobalProbability of blurring the first global crop
   * @param secondGlobalProbability of blurring the second
   * @param localProbability of blurring a local one
   */
  public record Blur(
      int kernel,
      double minSigma,
      double maxSigma,
      double firstGlobalProbability,
      double secondGlobalProbability,
      double localProbability) {
    public Blur {
      if (kernel < 1 || kernel % 2 == 0) {
        throw new IllegalArgumentException("a kernel has an odd number of pixels, not " + kernel);
      }
      if (!(minSigma > 0 && minSigma <= maxSigma)) {
        throw new IllegalArgumentException(
            "sigmas must be 0 < min <= max, not %s and %s".formatted(minSigma, maxSigma));
      }
      requireProbability("blur of the first global crop", firstGlobalProbability);
      requireProbability("blur of the second global crop", secondGlobalProbability);
      requireProbability("blur of local crops", localProbability);
    }
  }

  public MultiCropConfig {
    if (localCount < 0) {
      throw new IllegalArgumentException("local crops can't be " + localCount);
    }
    if (solarizeThreshold < 0 || solarizeThreshold > 256) {
      throw new IllegalArgumentException(
          "the solarize threshold is 0 to 256, not " + solarizeThreshold);
    }
    int reach = blur.kernel() / 2;
    if (global.size() <= reach || (localCount > 0 && local.size() <= reach)) {
      throw new IllegalArgumentException(
          "a blur kernel of %d pixels needs crops of more than %d".formatted(blur.kernel(), reach));
    }
    requireProbability("flip", flipProbability);
    requireProbability("greyscale", greyscaleProbability);
    requireProbability("solarize", solarizeProbability);
  }

  /**
   * As the released models were trained: global crops of 32 to 100 % of the area, local ones of 5
   * to 32 %. The blur probabilities are those that the released code really applies (never, 0.9,
   * 0.5), not the ones it names (1.0, 0.1, 0.5): its {@code GaussianBlur} inverts them.
   */
  public static MultiCropConfig dinov2(int globalSize, int localCount, int localSize) {
    return new MultiCropConfig(
        new View(globalSize, 0.32, 1.0),
        new View(localSize, 0.05, 0.32),
        localCount,
        0.5,
        new ColourJitter(0.4, 0.4, 0.2, 0.1, 0.8),
        0.2,
        new Blur(9, 0.1, 2.0, 0.0, 0.9, 0.5),
        0.2,
        128,
        Normalisation.IMAGENET);
  }

  static void requireProbability(String of, double probability) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException(
          "the probability of %s is 0 to 1, not %s".formatted(of, probability));
    }
  }
}
