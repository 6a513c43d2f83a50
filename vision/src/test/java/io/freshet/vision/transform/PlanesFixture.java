package io.freshet.vision.transform;

import io.freshet.vision.image.RgbImage;

/** Pictures to planes and back. */
final class PlanesFixture {
  private PlanesFixture() {}

  static Planes of(RgbImage image) {
    Planes planes = new Planes(image.width() * image.height());
    planes.begin(image.width(), image.height());
    planes.setInterleaved(image.rgb());
    return planes;
  }

  static RgbImage image(Planes planes) {
    byte[] rgb = new byte[RgbImage.sizeOf(planes.width(), planes.height())];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) planes.plane(i % 3)[i / 3];
    }
    return new RgbImage(planes.width(), planes.height(), rgb);
  }
}
