package io.freshet.vision.transform;

import io.freshet.vision.image.RgbImage;

/**
 * Resizing that gives the samples that Pillow gives, bit for bit, and sizes that torchvision
 * chooses. Models were trained on exactly this, and other resizers shift their features.
 */
public final class PilResize {
  private PilResize() {}

  /** The whole picture at another size. */
  public static RgbImage resize(RgbImage image, int width, int height, Resampling filter) {
    return resizedCrop(image, Crop.whole(image.width(), image.height()), width, height, filter);
  }

  /** A part of the picture, resized; what lies outside of it has no influence. */
  public static RgbImage resizedCrop(
      RgbImage image, Crop crop, int width, int height, Resampling filter) {
    return resizedWindow(image, crop, width, height, Crop.whole(width, height), filter);
  }

  /** The picture with its shorter side at {@code side}, as torchvision's {@code Resize(int)}. */
  public static RgbImage resizeShortSide(RgbImage image, int side, Resampling filter) {
    return resize(
        image,
        shortSideWidth(image.width(), image.height(), side),
        shortSideWidth(image.height(), image.width(), side),
        filter);
  }

  /**
   * How long the side {@code length} becomes when the shorter of it and {@code other} becomes
   * {@code side}: the longer one is cut to a whole number.
   */
  public static int shortSideWidth(int length, int other, int side) {
    return length <= other ? side : (int) ((long) side * length / other);
  }

  /** Single-channel samples. */
  public static byte[] resizeGrey(
      byte[] grey, int inWidth, int inHeight, int width, int height, Resampling filter) {
    byte[] out = new byte[width * height];
    Crop all = Crop.whole(inWidth, inHeight);
    Crop window = Crop.whole(width, height);
    new Resampler().resize(grey, inWidth, 1, all, width, height, window, filter, out);
    return out;
  }

  static RgbImage resizedWindow(
      RgbImage image, Crop crop, int fullWidth, int fullHeight, Crop window, Resampling filter) {
    crop.requireInside(image.width(), image.height());
    window.requireInside(fullWidth, fullHeight);
    byte[] out = new byte[RgbImage.sizeOf(window.width(), window.height())];
    new Resampler()
        .resize(image.rgb(), image.width(), 3, crop, fullWidth, fullHeight, window, filter, out);
    return new RgbImage(window.width(), window.height(), out);
  }
}
