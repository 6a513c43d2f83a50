package io.freshet.vision.transform;

/** A rectangle of a picture, in pixels. */
public record Crop(int top, int left, int height, int width) {
  public Crop {
    if (top < 0 || left < 0 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "a crop of %d x %d pixels at %d, %d".formatted(width, height, left, top));
    }
  }

  /** The whole picture. */
  public static Crop whole(int width, int height) {
    return new Crop(0, 0, height, width);
  }

  /** The middle; offsets round half to even, as Python's {@code round} does. */
  public static Crop centre(int imageWidth, int imageHeight, int width, int height) {
    if (width > imageWidth || height > imageHeight) {
      throw new IllegalArgumentException(
          "no crop of %d x %d in a picture of %d x %d"
              .formatted(width, height, imageWidth, imageHeight));
    }
    int top = (int) Math.rint((imageHeight - height) / 2.0);
    int left = (int) Math.rint((imageWidth - width) / 2.0);
    return new Crop(top, left, height, width);
  }

  void requireInside(int imageWidth, int imageHeight) {
    if (left > imageWidth - width || top > imageHeight - height) {
      throw new IllegalArgumentException(
          "%s leaves a picture of %d x %d".formatted(this, imageWidth, imageHeight));
    }
  }
}
