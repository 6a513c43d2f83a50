package io.freshet.vision.image;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;

/**
 * The samples of ImageIO's pictures, shared or copied. The colour model is not asked where the
 * samples are bytes: for grey it would apply a curve that no file means.
 */
final class BufferedPixels {
  private static final int[] RGB_ORDER = {0, 1, 2};

  private BufferedPixels() {}

  /** A picture whose samples are those of {@code canvas}. */
  static BufferedImage over(Canvas canvas) {
    WritableRaster raster =
        Raster.createInterleavedRaster(
            new DataBufferByte(canvas.rgb, canvas.rgb.length),
            canvas.width,
            canvas.height,
            3 * canvas.width,
            3,
            RGB_ORDER,
            null);
    ColorModel sRgb =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            false,
            false,
            Transparency.OPAQUE,
            DataBuffer.TYPE_BYTE);
    return new BufferedImage(sRgb, raster, false, null);
  }

  static void lay(BufferedImage image, Canvas canvas, int left, int top, Deadline deadline) {
    if (image.getSampleModel() instanceof ComponentSampleModel model
        && image.getRaster().getDataBuffer() instanceof DataBufferByte data
        && data.getNumBanks() == 1) {
      layBytes(image, model, data, canvas, left, top, deadline);
    } else {
      layInts(image, canvas, left, top, deadline);
    }
  }

  private static void layBytes(
      BufferedImage image,
      ComponentSampleModel model,
      DataBufferByte data,
      Canvas canvas,
      int left,
      int top,
      Deadline deadline) {
    byte[] samples = data.getData();
    int[] offsets = model.getBandOffsets();
    int bands = model.getNumBands();
    int base =
        data.getOffset()
            - image.getRaster().getSampleModelTranslateX() * model.getPixelStride()
            - image.getRaster().getSampleModelTranslateY() * model.getScanlineStride();
    int red = offsets[0];
    int green = bands >= 3 ? offsets[1] : red;
    int blue = bands >= 3 ? offsets[2] : red;
    int alpha = bands == 2 || bands == 4 ? offsets[bands - 1] : -1;
    for (int y = 0; y < image.getHeight(); y++) {
      deadline.check();
      int at = base + y * model.getScanlineStride();
      int out = 3 * ((top + y) * canvas.width + left);
      for (int x = 0; x < image.getWidth(); x++) {
        if (alpha < 0) {
          canvas.rgb[out] = samples[at + red];
          canvas.rgb[out + 1] = samples[at + green];
          canvas.rgb[out + 2] = samples[at + blue];
        } else {
          canvas.lay(
              left + x,
              top + y,
              samples[at + red] & 0xff,
              samples[at + green] & 0xff,
              samples[at + blue] & 0xff,
              samples[at + alpha] & 0xff);
        }
        at += model.getPixelStride();
        out += 3;
      }
    }
  }

  private static void layInts(
      BufferedImage image, Canvas canvas, int left, int top, Deadline deadline) {
    int[] row = new int[image.getWidth()];
    for (int y = 0; y < image.getHeight(); y++) {
      deadline.check();
      image.getRGB(0, y, row.length, 1, row, 0, row.length);
      for (int x = 0; x < row.length; x++) {
        int argb = row[x];
        canvas.lay(
            left + x, top + y, (argb >> 16) & 0xff, (argb >> 8) & 0xff, argb & 0xff, argb >>> 24);
      }
    }
  }
}
