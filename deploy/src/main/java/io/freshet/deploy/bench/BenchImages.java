package io.freshet.deploy.bench;

import io.freshet.deploy.demo.DemoImages;
import io.freshet.deploy.demo.DemoImages.PhotoSize;
import io.freshet.deploy.demo.DemoImages.PhotoSquare;
import io.freshet.deploy.demo.DemoImages.Split;
import io.freshet.vision.image.AwtImage;
import io.freshet.vision.image.DecodeLimits;
import io.freshet.vision.image.ImageDecoder;
import io.freshet.vision.image.ImageRejectedException;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.Resampling;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** The real pictures that measurements run on: those of the demo. */
final class BenchImages {
  private static final ImageDecoder DECODER = new ImageDecoder(DecodeLimits.DEFAULTS);

  private BenchImages() {}

  /** Opens the demo's archives, which the caller closes. */
  static DemoImages open() {
    return DemoImages.open(Path.of(System.getProperty("freshet.home", "deploy"), "data"));
  }

  static RgbImage square(DemoImages images, PhotoSquare square) {
    return AwtImage.rgb(images.cut(square));
  }

  /** A drawing as the stream's decoder gives it, on white. */
  static RgbImage drawing(DemoImages images, String file) {
    return decode(images.drawing(file), file);
  }

  /**
   * What the stream's decoder makes of a file.
   *
   * @throws IllegalArgumentException when it refuses it
   */
  static RgbImage decode(byte[] content, String name) {
    try {
      return DECODER.decode(content).image();
    } catch (ImageRejectedException e) {
      throw new IllegalArgumentException(
          "the image %s can't be read: %s".formatted(name, e.getMessage()), e);
    }
  }

  /** Squares of one half of all photographs: every {@code nth} one. */
  static List<RgbImage> squares(DemoImages images, Split split, int nth) {
    List<PhotoSquare> all = images.squares(split);
    return IntStream.range(0, all.size() / nth)
        .mapToObj(i -> square(images, all.get(i * nth)))
        .toList();
  }

  /** The middle square of each photograph at {@code side} x {@code side} pixels. */
  static List<RgbImage> photographs(DemoImages images, int side) {
    return images.photoSizes().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(photo -> PilResize.resizeShortSide(middle(images, photo), side, Resampling.BICUBIC))
        .toList();
  }

  private static RgbImage middle(DemoImages images, Map.Entry<String, PhotoSize> photo) {
    PhotoSize size = photo.getValue();
    int side = Math.min(size.width(), size.height());
    int x = (size.width() - side) / 2;
    int y = (size.height() - side) / 2;
    return AwtImage.rgb(images.cut(new PhotoSquare(photo.getKey(), Split.TRAIN, x, y, side)));
  }

  /**
   * @param quality of ImageIO's writer, 0 to 1
   */
  static byte[] jpeg(RgbImage image, float quality) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      parameters.setCompressionQuality(quality);
      writer.setOutput(out);
      writer.write(null, new IIOImage(AwtImage.of(image), null, null), parameters);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
