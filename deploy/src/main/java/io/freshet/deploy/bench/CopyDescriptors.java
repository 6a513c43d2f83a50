package io.freshet.deploy.bench;

import io.freshet.dedup.embed.PixelHash;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.List;

/**
 * What deduplication knows of a picture.
 *
 * @param imageId of its pixels
 * @param vector of unit length; not changed after construction
 */
record CopyDescriptors(String imageId, List<PixelHash> hashes, float[] vector) {
  private static final int BATCH = 8;

  static List<CopyDescriptors> of(List<RgbImage> images, ImageEmbedder embedder) {
    List<CopyDescriptors> all = new ArrayList<>();
    for (int from = 0; from < images.size(); from += BATCH) {
      List<RgbImage> batch = images.subList(from, Math.min(images.size(), from + BATCH));
      float[][] vectors = embedder.embed(batch);
      for (int i = 0; i < vectors.length; i++) {
        RgbImage image = batch.get(i);
        all.add(
            new CopyDescriptors(
                CanonicalEncoding.imageId(image), PixelHash.all(image), vectors[i]));
      }
    }
    return all;
  }

  boolean hasPixelsOf(CopyDescriptors other) {
    return imageId.equals(other.imageId);
  }

  /**
   * The least over all hashes of each, as the rows of the hash index compare them.
   *
   * @return bits; 256 where all of one are of less quality and say too little
   */
  int hashDistance(CopyDescriptors other, int minQuality) {
    return PixelHash.distance(hashes, other.hashes, minQuality);
  }

  double cosine(CopyDescriptors other) {
    double sum = 0;
    for (int i = 0; i < vector.length; i++) {
      sum += (double) vector[i] * other.vector[i];
    }
    return sum;
  }
}
