package io.freshet.vision.embed;

import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.List;

/** What became of one image of a batch. */
public sealed interface EmbeddingResult {
  /**
   * @param elements as {@link ImageEmbedder#embed} gives them
   */
  record Vector(float[] elements) implements EmbeddingResult {}

  /** The model can't cope with this image. */
  record Failure(EmbeddingException cause) implements EmbeddingResult {}

  /**
   * One result an image, in order. The images pass as one batch; where it fails, each by itself, so
   * that an image that the model can't cope with doesn't take the others with it.
   */
  static List<EmbeddingResult> ofEach(ImageEmbedder embedder, List<RgbImage> images) {
    if (images.isEmpty()) {
      return List.of();
    }
    List<EmbeddingResult> results = new ArrayList<>(images.size());
    try {
      for (float[] vector : embedder.embed(images)) {
        results.add(new Vector(vector));
      }
    } catch (EmbeddingException e) {
      if (images.size() == 1) {
        return List.of(new Failure(e));
      }
      images.forEach(image -> results.addAll(ofEach(embedder, List.of(image))));
    }
    return results;
  }
}
