package io.freshet.vision.embed;

import io.freshet.vision.image.RgbImage;
import java.util.List;

/**
 * An embedder that also gives what the model makes of each patch of an image, at no other cost than
 * handing it out. Thread-safe, as every embedder.
 */
public interface PatchEmbedder extends ImageEmbedder {
  /** Space of the patches; another than that of whole images. */
  EmbeddingSpace patchSpace();

  /** Patches along a side of the square that the model sees. */
  int patchesPerSide();

  /** Elements of a patch. */
  int patchDim();

  /**
   * An image and its patches.
   *
   * @param vector as {@link ImageEmbedder#embed} gives it
   * @param patches {@code (side, side, patchDim)}, row by row, as the model gives them: after its
   *     last norm, not brought to length one
   */
  record Embedded(float[] vector, float[] patches) {}

  /**
   * One an image, in order.
   *
   * @throws EmbeddingException when the model fails or gives numbers that are not finite
   */
  List<Embedded> embedWithPatches(List<RgbImage> images);
}
