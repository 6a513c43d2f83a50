package io.freshet.trainer.watch;

import io.freshet.schemas.BlobRef;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.EvalTransform;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The images that a run is watched by, the same from its first step to its last. Immutable; its
 * pixels are handed out without a copy and must not be written.
 */
public final class Probe {
  private final List<BlobRef> images;
  private final float[] pixels;
  private final int size;

  private Probe(List<BlobRef> images, float[] pixels, int size) {
    this.images = List.copyOf(images);
    this.pixels = pixels;
    this.size = size;
  }

  /**
   * Reads the images; empty when one can't be read, for measures of another probe can't be
   * compared.
   *
   * @param transform what our own models see of an image
   */
  public static Optional<Probe> of(
      List<BlobRef> images, Function<BlobRef, Optional<RgbImage>> reader, EvalTransform transform) {
    float[] pixels = new float[Math.multiplyExact(images.size(), transform.length())];
    for (int i = 0; i < images.size(); i++) {
      Optional<RgbImage> image = reader.apply(images.get(i));
      if (image.isEmpty()) {
        return Optional.empty();
      }
      transform.apply(image.orElseThrow(), pixels, i * transform.length());
    }
    return Optional.of(new Probe(images, pixels, transform.size()));
  }

  /** At most {@code limit} images, taken from several sets in turn. */
  public static List<BlobRef> choose(List<List<BlobRef>> sets, int limit) {
    List<BlobRef> chosen = new ArrayList<>();
    int longest = sets.stream().mapToInt(List::size).max().orElse(0);
    for (int i = 0; i < longest; i++) {
      for (List<BlobRef> set : sets) {
        if (i < set.size() && chosen.size() < limit) {
          chosen.add(set.get(i));
        }
      }
    }
    return chosen;
  }

  public List<BlobRef> images() {
    return images;
  }

  /** (N, 3, size, size), normalised. */
  public float[] pixels() {
    return pixels;
  }

  /** The shape of {@link #pixels}. */
  public long[] shape() {
    return new long[] {images.size(), 3, size, size};
  }
}
