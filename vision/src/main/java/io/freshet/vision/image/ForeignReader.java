package io.freshet.vision.image;

import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadProgressListener;

/**
 * Runs an ImageIO reader over bytes whose size was vetted, and turns whatever it throws or warns
 * about into one refusal.
 */
final class ForeignReader {
  private final String format;
  private final Deadline deadline;

  ForeignReader(String format, Deadline deadline) {
    this.format = format;
    this.deadline = deadline;
  }

  /** Reads the first image; the reader is disposed of. */
  BufferedImage read(ImageReader reader, byte[] bytes) throws ImageRejectedException {
    return read(reader, bytes, Optional.empty());
  }

  /**
   * Reads the first image into {@code destination}, whose size it must have; the reader is disposed
   * of. Samples that lie as the reader delivers them, R, G, B, are not moved one by one.
   */
  void readInto(ImageReader reader, byte[] bytes, BufferedImage destination)
      throws ImageRejectedException {
    read(reader, bytes, Optional.of(destination));
  }

  private BufferedImage read(ImageReader reader, byte[] bytes, Optional<BufferedImage> destination)
      throws ImageRejectedException {
    List<String> warnings = new ArrayList<>();
    try {
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      reader.addIIOReadProgressListener(new DeadlineListener(deadline));
      reader.setInput(new MemoryImageInput(bytes, deadline), true, true);
      ImageReadParam parameters = reader.getDefaultReadParam();
      if (destination.isPresent()) {
        requireSize(reader, destination.get());
        parameters.setDestination(destination.get());
      }
      BufferedImage image = reader.read(0, parameters);
      for (String warning : warnings) {
        refuseDamage(warning);
      }
      return image;
    } catch (EOFException e) {
      throw rejected(ImageRejectedException.Reason.TRUNCATED, e);
    } catch (IOException e) {
      throw rejected(ImageRejectedException.Reason.CORRUPT, e);
    } catch (Deadline.DeadlinePassedException e) {
      throw e;
    } catch (RuntimeException e) {
      // Third-party parsers of hostile bytes index past arrays; what they throw is about the bytes.
      throw rejected(ImageRejectedException.Reason.CORRUPT, e);
    } finally {
      reader.dispose();
    }
  }

  /** A reader fills what it can of a destination of another size. */
  private void requireSize(ImageReader reader, BufferedImage destination)
      throws IOException, ImageRejectedException {
    if (reader.getWidth(0) != destination.getWidth()
        || reader.getHeight(0) != destination.getHeight()) {
      throw ImageRejectedException.corrupt(format + " with two sizes");
    }
  }

  /**
   * Damage in the coded data is only a warning to the reader, which paints over it. It reports the
   * first damage alone, so even a harmless one may hide another.
   */
  private void refuseDamage(String warning) throws ImageRejectedException {
    String lower = warning.toLowerCase(Locale.ROOT);
    if (lower.contains("premature end")) {
      throw ImageRejectedException.truncated("%s: %s".formatted(format, warning));
    }
    if (lower.contains("corrupt jpeg data") || lower.contains("progression sequence")) {
      throw ImageRejectedException.corrupt("%s: %s".formatted(format, warning));
    }
  }

  private ImageRejectedException rejected(ImageRejectedException.Reason reason, Exception cause) {
    String detail =
        cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return new ImageRejectedException(reason, "%s: %s".formatted(format, detail), cause);
  }

  /** Checks the time between rows. */
  private record DeadlineListener(Deadline deadline) implements IIOReadProgressListener {
    @Override
    public void imageProgress(ImageReader source, float percentageDone) {
      deadline.check();
    }

    @Override
    public void imageStarted(ImageReader source, int imageIndex) {}

    @Override
    public void imageComplete(ImageReader source) {}

    @Override
    public void sequenceStarted(ImageReader source, int minIndex) {}

    @Override
    public void sequenceComplete(ImageReader source) {}

    @Override
    public void thumbnailStarted(ImageReader source, int imageIndex, int thumbnailIndex) {}

    @Override
    public void thumbnailProgress(ImageReader source, float percentageDone) {}

    @Override
    public void thumbnailComplete(ImageReader source) {}

    @Override
    public void readAborted(ImageReader source) {}
  }
}
