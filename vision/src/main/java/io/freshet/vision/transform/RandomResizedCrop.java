package io.freshet.vision.transform;

import java.util.random.RandomGenerator;

/**
 * Draws a rectangle as torchvision's {@code RandomResizedCrop}: its area is uniform, its aspect
 * log-uniform; after ten rectangles that don't fit, the largest one in the middle within the
 * aspects.
 *
 * @param minScale smallest share of the picture's area, above 0
 * @param maxScale largest share, at most 1
 * @param minRatio smallest width / height
 * @param maxRatio largest width / height
 */
public record RandomResizedCrop(
    double minScale, double maxScale, double minRatio, double maxRatio) {
  private static final int TRIES = 10;

  public RandomResizedCrop {
    if (!(minScale > 0 && minScale <= maxScale && maxScale <= 1)) {
      throw new IllegalArgumentException(
          "scales must be 0 < min <= max <= 1, not %s and %s".formatted(minScale, maxScale));
    }
    if (!(minRatio > 0 && minRatio <= maxRatio && maxRatio < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "ratios must be 0 < min <= max, not %s and %s".formatted(minRatio, maxRatio));
    }
  }

  /** With ratios of 3/4 to 4/3. */
  public static RandomResizedCrop ofScale(double minScale, double maxScale) {
    return new RandomResizedCrop(minScale, maxScale, 3.0 / 4, 4.0 / 3);
  }

  /** Draws from a picture of this size. */
  public Crop sample(int width, int height, RandomGenerator random) {
    double area = (double) width * height;
    double minLog = Math.log(minRatio);
    double maxLog = Math.log(maxRatio);
    for (int i = 0; i < TRIES; i++) {
      double target = area * (minScale + (maxScale - minScale) * random.nextDouble());
      double ratio = Math.exp(minLog + (maxLog - minLog) * random.nextDouble());
      long w = (long) Math.rint(Math.sqrt(target * ratio));
      long h = (long) Math.rint(Math.sqrt(target / ratio));
      if (w > 0 && w <= width && h > 0 && h <= height) {
        int top = random.nextInt(height - (int) h + 1);
        int left = random.nextInt(width - (int) w + 1);
        return new Crop(top, left, (int) h, (int) w);
      }
    }
    return fallback(width, height);
  }

  private Crop fallback(int width, int height) {
    double ratio = (double) width / height;
    int w = width;
    int h = height;
    if (ratio < minRatio) {
      h = (int) Math.rint(w / minRatio);
    } else if (ratio > maxRatio) {
      w = (int) Math.rint(h * maxRatio);
    }
    w = Math.max(1, w);
    h = Math.max(1, h);
    return new Crop((height - h) / 2, (width - w) / 2, h, w);
  }
}
