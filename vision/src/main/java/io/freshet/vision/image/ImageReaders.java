package io.freshet.vision.image;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.spi.ServiceRegistry;

/**
 * The readers that are used, held by name. The process-wide registry of ImageIO is only asked for
 * the JDK's JPEG reader: what else is on a class path, or registered by another class loader,
 * doesn't decode here, and no plug-in of ours outlives its class loader there.
 */
final class ImageReaders {
  private static final String JDK_JPEG = "com.sun.imageio.plugins.jpeg.JPEGImageReaderSpi";
  private static final JPEGImageReaderSpi JPEG = jpegProvider();
  private static final WebPImageReaderSpi WEBP = new WebPImageReaderSpi();

  private ImageReaders() {}

  /** A new reader, for one image and one thread; the caller disposes of it. */
  static ImageReader jpeg() {
    return create(JPEG);
  }

  /** A new reader, for one image and one thread; the caller disposes of it. */
  static ImageReader webp() {
    return create(WEBP);
  }

  private static ImageReader create(ImageReaderSpi provider) {
    try {
      return provider.createReaderInstance();
    } catch (IOException e) {
      throw new IllegalStateException("no reader from " + provider, e);
    }
  }

  /** The JPEG reader delegates to the JDK's, which it finds in the registry it is put into. */
  private static JPEGImageReaderSpi jpegProvider() {
    ServiceRegistry own = new ServiceRegistry(List.<Class<?>>of(ImageReaderSpi.class).iterator());
    own.registerServiceProvider(jdkJpeg(), ImageReaderSpi.class);
    JPEGImageReaderSpi provider = new JPEGImageReaderSpi();
    own.registerServiceProvider(provider, ImageReaderSpi.class);
    return provider;
  }

  private static ImageReaderSpi jdkJpeg() {
    Iterator<ImageReaderSpi> providers =
        IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, false);
    while (providers.hasNext()) {
      ImageReaderSpi provider = providers.next();
      if (provider.getClass().getName().equals(JDK_JPEG)) {
        return provider;
      }
    }
    throw new IllegalStateException(JDK_JPEG + " isn't registered; a JDK with java.desktop has it");
  }
}
