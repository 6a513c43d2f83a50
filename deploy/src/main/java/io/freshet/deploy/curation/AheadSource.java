package io.freshet.deploy.curation;

import io.freshet.platform.blob.BlobUnavailableException;
import io.freshet.vision.image.ImageRejectedException;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Consumer;

/** A source that must look at the next place to know whether there is an image. */
public abstract class AheadSource implements ImageSource {
  private final Consumer<LeftOut> leftOut;
  private Optional<BatchImage> next = Optional.empty();
  private long looked;

  /**
   * @param leftOut hears of each image that can't be read
   */
  protected AheadSource(Consumer<LeftOut> leftOut) {
    this.leftOut = leftOut;
  }

  /** Brings the pixels of one image. */
  @FunctionalInterface
  protected interface Pixels {
    RgbImage read() throws IOException, ImageRejectedException;
  }

  /** Whether another place is left. */
  protected abstract boolean hasPlace();

  /** The image at the next place; empty when it can't be read, or was given before. */
  protected abstract Optional<BatchImage> look();

  /** Reports what can't take part. */
  protected final void leaveOut(LeftOut what) {
    leftOut.accept(what);
  }

  /**
   * The image's pixels; empty, and reported, when its bytes are gone or altered or are no image.
   *
   * @param imageId empty when it is not known
   * @throws UncheckedIOException when they can't be read for now
   */
  protected final Optional<RgbImage> readOrLeaveOut(String place, String imageId, Pixels pixels) {
    try {
      return Optional.of(pixels.read());
    } catch (BlobUnavailableException | ImageRejectedException | IllegalArgumentException e) {
      leaveOut(new LeftOut(place, imageId, e.getMessage()));
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(place + " can't be read: " + e.getMessage(), e);
    }
  }

  @Override
  public final long looked() {
    return looked;
  }

  @Override
  public final boolean hasNext() {
    while (next.isEmpty() && hasPlace()) {
      next = look();
      looked++;
    }
    return next.isPresent();
  }

  @Override
  public final BatchImage next() {
    if (!hasNext()) {
      throw new NoSuchElementException("no image is left");
    }
    BatchImage image = next.orElseThrow();
    next = Optional.empty();
    return image;
  }
}
