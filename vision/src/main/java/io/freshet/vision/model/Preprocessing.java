package io.freshet.vision.model;

import io.freshet.vision.transform.EvalTransform;
import java.util.List;

/**
 * How an image becomes a model's input: the shorter side is resized (Pillow's bicubic), the centre
 * cut out, values in 0..1 normalised.
 *
 * @param resize shorter side before the cut, pixels, at least {@code imageSize}
 * @param imageSize side of the square that the model sees, pixels
 * @param mean per channel, red first, in 0..1
 * @param std per channel, in 0..1
 */
public record Preprocessing(int resize, int imageSize, List<Float> mean, List<Float> std) {

  /** Channel means of ImageNet, red first. */
  public static final List<Float> IMAGENET_MEAN = List.of(0.485f, 0.456f, 0.406f);

  /** Channel standard deviations of ImageNet. */
  public static final List<Float> IMAGENET_STD = List.of(0.229f, 0.224f, 0.225f);

  private static final int MAX_SIDE = 4096;

  public Preprocessing {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (imageSize < 1 || resize < imageSize || resize > MAX_SIDE) {
      throw new IllegalArgumentException(
          "image_size must be in 1..resize and resize at most "
              + MAX_SIDE
              + ", given are "
              + imageSize
              + " and "
              + resize);
    }
    if (mean.size() != 3 || std.size() != 3 || std.stream().anyMatch(s -> !(s > 0))) {
      throw new IllegalArgumentException(
          "mean and std have three numbers, std above 0, given are " + mean + " and " + std);
    }
  }

  /** With ImageNet's statistics, as DINOv2 trains and evaluates. */
  public static Preprocessing imageNet(int resize, int imageSize) {
    return new Preprocessing(resize, imageSize, IMAGENET_MEAN, IMAGENET_STD);
  }

  /** The transform that does it. */
  public EvalTransform transform() {
    return new EvalTransform(resize, imageSize, array(mean), array(std));
  }

  private static float[] array(List<Float> values) {
    return new float[] {values.get(0), values.get(1), values.get(2)};
  }
}
