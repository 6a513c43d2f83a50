package io.freshet.vision.image;

import java.awt.color.CMMException;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.color.ICC_ProfileRGB;
import java.awt.color.ProfileDataException;
import java.awt.image.ColorConvertOp;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;

/** Converts samples from the space of an embedded ICC profile to sRGB. */
final class ColourProfile {
  private static final int BAND_ROWS = 128;
  private static final int[] OFFSETS = {0, 1, 2};

  /** Steps at which a profile's tone curve is compared with that of sRGB. */
  private static final int CURVE_SAMPLES = 32;

  private static final int CURVE_TABLE_START = 12;
  private static final int[] CURVE_TAGS = {
    ICC_Profile.icSigRedTRCTag, ICC_Profile.icSigGreenTRCTag, ICC_Profile.icSigBlueTRCTag
  };

  private ColourProfile() {}

  /**
   * Converts in place. A profile of sRGB itself leaves the samples as they are.
   *
   * @return false when the profile can't be used and the samples were left as they are
   */
  static boolean toSrgb(RgbImage image, byte[] icc) {
    try {
      ICC_Profile profile = ICC_Profile.getInstance(icc);
      if (profile.getColorSpaceType() != ColorSpace.TYPE_RGB) {
        return false;
      }
      if (!(profile instanceof ICC_ProfileRGB rgb && isSrgb(rgb))) {
        convert(image, profile);
      }
      return true;
    } catch (CMMException
        | ProfileDataException
        | IllegalArgumentException
        | IndexOutOfBoundsException e) {
      // java.awt.color walks the tags of a profile without checking their bounds.
      return false;
    }
  }

  private static void convert(RgbImage image, ICC_Profile profile) {
    ICC_Profile srgb = ICC_Profile.getInstance(ColorSpace.CS_sRGB);
    ColorConvertOp conversion = new ColorConvertOp(new ICC_Profile[] {profile, srgb}, null);
    int rowBytes = 3 * image.width();
    byte[] in = new byte[rowBytes * Math.min(BAND_ROWS, image.height())];
    byte[] out = new byte[in.length];
    for (int y = 0; y < image.height(); y += BAND_ROWS) {
      int rows = Math.min(BAND_ROWS, image.height() - y);
      System.arraycopy(image.rgb(), y * rowBytes, in, 0, rows * rowBytes);
      conversion.filter(raster(in, image.width(), rows), raster(out, image.width(), rows));
      System.arraycopy(out, 0, image.rgb(), y * rowBytes, rows * rowBytes);
    }
  }

  private static WritableRaster raster(byte[] samples, int width, int height) {
    DataBufferByte data = new DataBufferByte(samples, 3 * width * height);
    return Raster.createInterleavedRaster(data, width, height, 3 * width, 3, OFFSETS, null);
  }

  /** Most embedded profiles are sRGB in some wrapping; to convert them would only add rounding. */
  private static boolean isSrgb(ICC_ProfileRGB profile) {
    ICC_Profile srgb = ICC_Profile.getInstance(ColorSpace.CS_sRGB);
    if (!(srgb instanceof ICC_ProfileRGB reference)) {
      return false;
    }
    float[][] matrix = profile.getMatrix();
    float[][] expected = reference.getMatrix();
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        if (Math.abs(matrix[row][column] - expected[row][column]) > 0.003f) {
          return false;
        }
      }
    }
    for (int channel = 0; channel < 3; channel++) {
      if (!hasSrgbCurve(profile, channel)) {
        return false;
      }
    }
    return true;
  }

  private static boolean hasSrgbCurve(ICC_ProfileRGB profile, int channel) {
    byte[] tag = profile.getData(CURVE_TAGS[channel]);
    // "curv" with a table; a plain power or a parametric curve takes the general way.
    if (tag == null
        || tag.length < CURVE_TABLE_START + 2 * CURVE_SAMPLES
        || tag[0] != 'c'
        || tag[1] != 'u') {
      return false;
    }
    short[] table = profile.getTRC(channel);
    for (int i = 0; i <= CURVE_SAMPLES; i++) {
      int index = i * (table.length - 1) / CURVE_SAMPLES;
      double x = (double) index / (table.length - 1);
      double linear = x <= 0.04045 ? x / 12.92 : Math.pow((x + 0.055) / 1.055, 2.4);
      if (Math.abs((table[index] & 0xffff) / 65535.0 - linear) > 0.002) {
        return false;
      }
    }
    return true;
  }
}
