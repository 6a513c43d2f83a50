package io.freshet.trainer.evaluate;

import io.freshet.vision.image.RgbImage;
import java.util.List;

/** The yardstick without any learning: the pixels of the image at 16 x 16, as they are. */
public final class RawPixels implements FeatureSource {
  public static final int SIDE = 16;

  @Override
  public float[][] features(List<EvaluationImage> images) {
    float[][] features = new float[images.size()][];
    for (int i = 0; i < features.length; i++) {
      features[i] = pixels(images.get(i).thumbnail());
    }
    return features;
  }

  private static float[] pixels(RgbImage image) {
    byte[] rgb = image.rgb();
    float[] pixels = new float[rgb.length];
    for (int i = 0; i < rgb.length; i++) {
      pixels[i] = Byte.toUnsignedInt(rgb[i]) / 255f;
    }
    return pixels;
  }
}
