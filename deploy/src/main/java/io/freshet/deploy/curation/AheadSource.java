package io.freshet.deploy.curation;

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

  /** Whether another place is left. */
  protected abstract boolean hasPlace();

  /** The image at the next place; empty when it can't be read, or was given before. */
  protected abstract Optional<BatchImage> look();

  /** Reports what can't take part. */
  protected final void leaveOut(LeftOut what) {
    leftOut.accept(what);
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
