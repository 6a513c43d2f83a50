package io.freshet.deploy.bench;

import io.freshet.vision.image.AwtImage;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.Resampling;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.ConvolveOp;
import java.awt.image.Kernel;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntUnaryOperator;

/** What the web does to a picture that stays the same picture. */
enum CopyTransform {
  JPEG_90,
  JPEG_50,
  JPEG_15,
  HALF_SIZE,
  CROP_90,
  CROP_70,
  BRIGHTNESS_120,
  CONTRAST_130,
  GREY,
  BLUR,
  ROTATION_5,
  MIRROR,
  TEXT_OVERLAY,
  PADDING,
  SCREENSHOT;

  /** Five columns by seven rows a letter, a row a number: COPY. */
  private static final int[][] CAPTION = {
    {14, 17, 16, 16, 16, 17, 14},
    {14, 17, 17, 17, 17, 17, 14},
    {30, 17, 17, 30, 16, 16, 16},
    {17, 17, 10, 4, 4, 4, 4}
  };

  private static final int LETTER_WIDTH = 6;

  /** A new picture; the original stays as it is. */
  RgbImage of(RgbImage image) {
    int width = image.width();
    int height = image.height();
    return switch (this) {
      case JPEG_90 -> jpeg(image, 0.9f);
      case JPEG_50 -> jpeg(image, 0.5f);
      case JPEG_15 -> jpeg(image, 0.15f);
      case HALF_SIZE -> PilResize.resize(image, width / 2, height / 2, Resampling.BICUBIC);
      case CROP_90 -> middle(image, 0.9);
      case CROP_70 -> middle(image, 0.7);
      case BRIGHTNESS_120 -> mapped(image, value -> value * 120 / 100);
      case CONTRAST_130 -> mapped(image, value -> 128 + (value - 128) * 130 / 100);
      case GREY -> grey(image);
      case BLUR -> blurred(image);
      case ROTATION_5 -> drawn(image, width, height, 5, 0, 0);
      case MIRROR -> mirrored(image);
      case TEXT_OVERLAY -> captioned(image);
      case PADDING -> drawn(image, width * 5 / 4, height * 5 / 4, 0, width / 8, height / 8);
      case SCREENSHOT -> screenshot(image);
    };
  }

  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static RgbImage jpeg(RgbImage image, float quality) {
    return BenchImages.decode(BenchImages.jpeg(image, quality), "a JPEG copy");
  }

  private static RgbImage middle(RgbImage image, double share) {
    int width = (int) Math.round(image.width() * share);
    int height = (int) Math.round(image.height() * share);
    return AwtImage.rgb(
        AwtImage.of(image)
            .getSubimage(
                (image.width() - width) / 2, (image.height() - height) / 2, width, height));
  }

  private static RgbImage mapped(RgbImage image, IntUnaryOperator value) {
    byte[] rgb = new byte[image.rgb().length];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) Math.max(0, Math.min(255, value.applyAsInt(image.rgb()[i] & 0xff)));
    }
    return new RgbImage(image.width(), image.height(), rgb);
  }

  /** Luma of BT.601. */
  private static RgbImage grey(RgbImage image) {
    byte[] from = image.rgb();
    byte[] to = new byte[from.length];
    for (int i = 0; i < from.length; i += 3) {
      int luma =
          (299 * (from[i] & 0xff) + 587 * (from[i + 1] & 0xff) + 114 * (from[i + 2] & 0xff)) / 1000;
      Arrays.fill(to, i, i + 3, (byte) luma);
    }
    return new RgbImage(image.width(), image.height(), to);
  }

  /** A box of 5 x 5 pixels. */
  private static RgbImage blurred(RgbImage image) {
    float[] box = new float[25];
    Arrays.fill(box, 1f / box.length);
    ConvolveOp blur = new ConvolveOp(new Kernel(5, 5, box), ConvolveOp.EDGE_NO_OP, null);
    return AwtImage.rgb(blur.filter(AwtImage.of(image), null));
  }

  private static RgbImage mirrored(RgbImage image) {
    BufferedImage target = white(image.width(), image.height());
    Graphics2D graphics = target.createGraphics();
    graphics.drawImage(AwtImage.of(image), image.width(), 0, -image.width(), image.height(), null);
    graphics.dispose();
    return AwtImage.rgb(target);
  }

  private static RgbImage drawn(
      RgbImage image, int width, int height, double degrees, int left, int top) {
    BufferedImage target = white(width, height);
    Graphics2D graphics = target.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    graphics.rotate(Math.toRadians(degrees), width / 2.0, height / 2.0);
    graphics.drawImage(AwtImage.of(image), left, top, null);
    graphics.dispose();
    return AwtImage.rgb(target);
  }

  /** White letters on a dark band over the lower sixth. */
  private static RgbImage captioned(RgbImage image) {
    BufferedImage picture = AwtImage.of(image);
    Graphics2D graphics = picture.createGraphics();
    int band = image.height() / 6;
    int top = image.height() - band;
    graphics.setColor(new Color(0, 0, 0, 160));
    graphics.fillRect(0, top, image.width(), band);
    graphics.setColor(Color.WHITE);
    int dot = Math.max(1, Math.min(band / 9, image.width() / (LETTER_WIDTH * CAPTION.length + 1)));
    for (int letter = 0; letter < CAPTION.length; letter++) {
      int left = dot * (1 + LETTER_WIDTH * letter);
      draw(graphics, CAPTION[letter], left, top + dot, dot);
    }
    graphics.dispose();
    return AwtImage.rgb(picture);
  }

  private static void draw(Graphics2D graphics, int[] letter, int left, int top, int dot) {
    for (int row = 0; row < letter.length; row++) {
      for (int column = 0; column < 5; column++) {
        if ((letter[row] >> (4 - column) & 1) != 0) {
          graphics.fillRect(left + dot * column, top + dot * row, dot, dot);
        }
      }
    }
  }

  /** A title bar above, a thin frame around, grey beside: the picture in a window. */
  private static RgbImage screenshot(RgbImage image) {
    int frame = Math.max(2, image.width() / 24);
    int bar = Math.max(6, image.height() / 8);
    int width = image.width() + 2 * frame;
    BufferedImage target = white(width, image.height() + bar + frame);
    Graphics2D graphics = target.createGraphics();
    graphics.setColor(new Color(222, 222, 226));
    graphics.fillRect(0, 0, width, target.getHeight());
    graphics.setColor(new Color(64, 66, 72));
    graphics.fillRect(0, 0, width, bar * 2 / 3);
    graphics.drawImage(AwtImage.of(image), frame, bar, null);
    graphics.dispose();
    return AwtImage.rgb(target);
  }

  private static BufferedImage white(int width, int height) {
    BufferedImage target = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    Graphics2D graphics = target.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, width, height);
    graphics.dispose();
    return target;
  }
}
