package io.freshet.trainer.evaluate.measure;

import io.freshet.vision.image.AwtImage;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.Resampling;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * What happens to pictures on their way, each in one strength: a small relative of ImageNet-C
 * (arXiv 1903.12261). The same picture comes out the same on every call.
 */
public enum Corruption {
  /** Gaussian noise of 30 grey levels. */
  NOISE {
    @Override
    RgbImage apply(RgbImage image) {
      SplittableRandom random = new SplittableRandom(Arrays.hashCode(image.rgb()));
      return mapped(image, level -> (int) Math.round(level + 30 * random.nextGaussian()));
    }
  },
  /** A quarter of the resolution. */
  BLUR {
    @Override
    RgbImage apply(RgbImage image) {
      RgbImage small =
          PilResize.resize(
              image,
              Math.max(1, image.width() / 4),
              Math.max(1, image.height() / 4),
              Resampling.BICUBIC);
      return PilResize.resize(small, image.width(), image.height(), Resampling.BICUBIC);
    }
  },
  /** JPEG at a tenth of its quality. */
  JPEG {
    @Override
    RgbImage apply(RgbImage image) {
      return compressed(image, 0.1f);
    }
  },
  /** A third of the contrast. */
  CONTRAST {
    @Override
    RgbImage apply(RgbImage image) {
      return mapped(image, level -> 128 + (level - 128) / 3);
    }
  },
  /** 80 grey levels brighter. */
  BRIGHTNESS {
    @Override
    RgbImage apply(RgbImage image) {
      return mapped(image, level -> level + 80);
    }
  },
  /** Without colour. */
  GREY {
    @Override
    RgbImage apply(RgbImage image) {
      byte[] rgb = image.rgb().clone();
      for (int i = 0; i < rgb.length; i += 3) {
        double luma =
            0.299 * (rgb[i] & 0xff) + 0.587 * (rgb[i + 1] & 0xff) + 0.114 * (rgb[i + 2] & 0xff);
        Arrays.fill(rgb, i, i + 3, (byte) Math.round(luma));
      }
      return new RgbImage(image.width(), image.height(), rgb);
    }
  };

  abstract RgbImage apply(RgbImage image);

  /** As keys name it. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static RgbImage mapped(RgbImage image, IntUnaryOperator level) {
    byte[] rgb = image.rgb().clone();
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) Math.max(0, Math.min(255, level.applyAsInt(rgb[i] & 0xff)));
    }
    return new RgbImage(image.width(), image.height(), rgb);
  }

  private static RgbImage compressed(RgbImage image, float quality) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam settings = writer.getDefaultWriteParam();
      settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      settings.setCompressionQuality(quality);
      writer.setOutput(out);
      writer.write(null, new IIOImage(AwtImage.of(image), null, null), settings);
      out.flush();
      return AwtImage.rgb(ImageIO.read(new ByteArrayInputStream(bytes.toByteArray())));
    } catch (IOException e) {
      throw new UncheckedIOException("JPEG in memory", e);
    } finally {
      writer.dispose();
    }
  }
}
