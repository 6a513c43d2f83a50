package io.freshet.vision.transform;

/** The filters of Pillow's resize. Shrinking widens each by the scale, which is antialiasing. */
public enum Resampling {
  /** The mean of the covered pixels. */
  BOX(0.5) {
    @Override
    double weight(double x) {
      return x > -0.5 && x <= 0.5 ? 1 : 0;
    }
  },
  /** A tent. */
  BILINEAR(1) {
    @Override
    double weight(double x) {
      double distance = Math.abs(x);
      return distance < 1 ? 1 - distance : 0;
    }
  },
  /** Keys' cubic with a = -0.5. */
  BICUBIC(2) {
    @Override
    double weight(double x) {
      double distance = Math.abs(x);
      if (distance < 1) {
        return ((A + 2) * distance - (A + 3)) * distance * distance + 1;
      }
      return distance < 2 ? (((distance - 5) * distance + 8) * distance - 4) * A : 0;
    }
  };

  private static final double A = -0.5;

  /** Reach to each side, in output pixels where the picture shrinks. */
  final double support;

  Resampling(double support) {
    this.support = support;
  }

  abstract double weight(double x);
}
