package io.freshet.trainer.evaluate.directory;

import io.freshet.vision.image.DecodeLimits;
import io.freshet.vision.image.ImageDecoder;
import io.freshet.vision.image.ImageRejectedException;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads, decodes and prepares image files on all cores. Thread-safe.
 *
 * @param <T> what is made of an image
 */
public final class PreparedImages<T> {
  private static final DecodeLimits LIMITS =
      new DecodeLimits(
          DecodeLimits.DEFAULTS.maxBodyBytes(),
          1,
          DecodeLimits.DEFAULTS.maxSide(),
          DecodeLimits.DEFAULTS.maxPixels(),
          DecodeLimits.DEFAULTS.maxMetadataBytes(),
          Duration.ofSeconds(30));

  private final ImageDecoder decoder = new ImageDecoder(LIMITS);
  private final Function<RgbImage, T> preparation;

  /**
   * @param preparation of each image; it should make large images small, for the results are held
   */
  public PreparedImages(Function<RgbImage, T> preparation) {
    this.preparation = preparation;
  }

  /** What became of one file: an image, or why there is none. */
  private record Outcome<T>(Optional<T> image, String refusal) {
    static <T> Outcome<T> refused(String why) {
      return new Outcome<>(Optional.empty(), why);
    }
  }

  /**
   * A few files' images.
   *
   * @param kept positions of those that could be read
   * @param images theirs, in the same order
   * @param refusals of the others, by position among all
   */
  public record Batch<T>(List<Integer> kept, List<T> images, List<SkippedFile> refusals) {}

  /**
   * @param names of the files, for refusals
   */
  public Batch<T> read(List<Path> files, List<String> names) {
    List<Outcome<T>> outcomes = files.parallelStream().map(this::read).toList();
    List<Integer> kept = new ArrayList<>();
    List<T> images = new ArrayList<>();
    List<SkippedFile> refusals = new ArrayList<>();
    for (int i = 0; i < outcomes.size(); i++) {
      Outcome<T> outcome = outcomes.get(i);
      if (outcome.image().isPresent()) {
        kept.add(i);
        images.add(outcome.image().get());
      } else {
        refusals.add(new SkippedFile(names.get(i), outcome.refusal()));
      }
    }
    return new Batch<>(kept, images, refusals);
  }

  private Outcome<T> read(Path file) {
    try {
      if (Files.size(file) > LIMITS.maxBodyBytes()) {
        return Outcome.refused(
            "%,d bytes; at most %,d are read".formatted(Files.size(file), LIMITS.maxBodyBytes()));
      }
      RgbImage image = decoder.decode(Files.readAllBytes(file)).image();
      return new Outcome<>(Optional.of(preparation.apply(image)), "");
    } catch (ImageRejectedException e) {
      return Outcome.refused(e.reason() + ", " + e.detail());
    } catch (NoSuchFileException e) {
      return Outcome.refused("there is no such file");
    } catch (IOException e) {
      return Outcome.refused("can't be read: " + e);
    }
  }
}
