package io.freshet.vision.transform;

import io.freshet.vision.image.RgbImage;

/**
 * The deterministic transform of evaluation and inference: shorter side to {@code resize} (bicubic,
 * antialiased), the middle {@code crop} x {@code crop}, normalised. DINOv2 evaluates with 256 and
 * 224. Immutable and thread-safe.
 */
public final class EvalTransform {
  private final int resize;
  private final int crop;
  private final float[][] tables;

  /**
   * @param resize pixels of the shorter side
   * @param crop pixels of the square that is kept, at most {@code resize}
   * @param mean of R, G, B in 0..1
   * @param std of R, G, B
   */
  public EvalTransform(int resize, int crop, float[] mean, float[] std) {
    if (crop < 1 || crop > resize) {
      throw new IllegalArgumentException(
          "crop must be 1 to resize (%d), not %d".formatted(resize, crop));
    }
    this.resize = resize;
    this.crop = crop;
    this.tables = new Normalisation(mean, std).tables();
  }

  /** With ImageNet's mean and deviation. */
  public static EvalTransform imageNet(int resize, int crop) {
    return new EvalTransform(
        resize, crop, Normalisation.IMAGENET.mean(), Normalisation.IMAGENET.std());
  }

  /** Pixels of a side of the output. */
  public int size() {
    return crop;
  }

  /** Floats of one output: 3 x size x size. */
  public int length() {
    return 3 * crop * crop;
  }

  /** Returns (3, size, size), row-major. */
  public float[] apply(RgbImage image) {
    float[] out = new float[length()];
    apply(image, out, 0);
    return out;
  }

  /** Writes (3, size, size) to {@code out} from {@code offset} on. */
  public void apply(RgbImage image, float[] out, int offset) {
    byte[] rgb = pixels(image).rgb();
    int plane = crop * crop;
    for (int c = 0; c < 3; c++) {
      float[] table = tables[c];
      int target = offset + c * plane;
      for (int i = 0; i < plane; i++) {
        out[target + i] = table[rgb[3 * i + c] & 0xff];
      }
    }
  }

  /** The picture that {@link #apply} normalises. */
  public RgbImage pixels(RgbImage image) {
    int width = PilResize.shortSideWidth(image.width(), image.height(), resize);
    int height = PilResize.shortSideWidth(image.height(), image.width(), resize);
    return PilResize.resizedWindow(
        image,
        Crop.whole(image.width(), image.height()),
        width,
        height,
        Crop.centre(width, height, crop, crop),
        Resampling.BICUBIC);
  }
}
