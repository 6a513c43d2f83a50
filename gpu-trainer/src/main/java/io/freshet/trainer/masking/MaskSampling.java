package io.freshet.trainer.masking;

import java.io.Serializable;
import java.util.random.RandomGenerator;

/**
 * How many global crops of a batch are masked, and how much of each.
 *
 * <p>Of C crops {@code int(C * probability)} are masked. The range of ratios is cut into as many
 * equal slices as there are masked crops and each draws its ratio from its own slice, so every
 * batch holds light and heavy masks and the number of masked patches hardly varies.
 *
 * @param probability the share of the global crops that is masked, 0 to 1
 * @param minRatio the least share of patches to hide in a masked crop, 0 to 1
 * @param maxRatio the greatest share, at least {@code minRatio}, at most 1
 */
public record MaskSampling(double probability, double minRatio, double maxRatio)
    implements Serializable {

  public MaskSampling {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException(
          "the mask probability must be within 0 and 1, not " + probability);
    }
    if (!(minRatio >= 0 && minRatio <= maxRatio && maxRatio <= 1)) {
      throw new IllegalArgumentException(
          "mask ratios must satisfy 0 <= min <= max <= 1, not min "
              + minRatio
              + ", max "
              + maxRatio);
    }
  }

  /** One mask a crop, in random order; the masks of crops that stay whole are empty. */
  public TokenMasks sample(BlockMasking blocks, int crops, RandomGenerator random) {
    int masked = maskedCrops(crops);
    float[] bounds = ratioBounds(masked);
    boolean[][] masks = new boolean[crops][];
    for (int i = 0; i < crops; i++) {
      int target = 0;
      if (i < masked) {
        double ratio = bounds[i] + (bounds[i + 1] - bounds[i]) * random.nextDouble();
        target = (int) (blocks.patches() * ratio);
      }
      masks[i] = blocks.draw(target, random);
    }
    shuffle(masks, random);
    return TokenMasks.of(masks);
  }

  /** The most patches that {@link #sample} can hide in a batch of {@code crops} crops. */
  public int upperBound(int crops, int patchesPerCrop) {
    float[] bounds = ratioBounds(maskedCrops(crops));
    int sum = 0;
    for (int i = 1; i < bounds.length; i++) {
      sum += (int) (patchesPerCrop * bounds[i]);
    }
    return sum;
  }

  int maskedCrops(int crops) {
    return (int) (crops * probability);
  }

  /** The borders of the slices, in float32 and from both ends as torch.linspace computes them. */
  float[] ratioBounds(int slices) {
    float start = (float) minRatio;
    float end = (float) maxRatio;
    float[] bounds = new float[slices + 1];
    float step = slices == 0 ? 0 : (end - start) / slices;
    for (int i = 0; i <= slices; i++) {
      bounds[i] = i < (slices + 1) / 2 ? start + step * i : end - step * (slices - i);
    }
    if (slices == 0) {
      bounds[0] = start;
    }
    return bounds;
  }

  private static void shuffle(boolean[][] masks, RandomGenerator random) {
    for (int i = masks.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      boolean[] swapped = masks[i];
      masks[i] = masks[j];
      masks[j] = swapped;
    }
  }
}
