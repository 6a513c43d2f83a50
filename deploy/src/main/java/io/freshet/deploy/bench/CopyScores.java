package io.freshet.deploy.bench;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.embed.PixelHash;
import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.hash.Dihedral;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Every pair of an original and another picture, with what each descriptor says of it. These are
 * the pairs that deduplication judges, compared exhaustively: what the candidate search may miss is
 * measured elsewhere.
 */
final class CopyScores {
  private static final int BATCH = 8;

  private final List<Pair> pairs;

  private CopyScores(List<Pair> pairs) {
    this.pairs = pairs;
  }

  /**
   * @param transform of the other picture
   * @param isCopy whether they are of one group
   * @param samePixels whether their image_ids are equal
   * @param hashDistance bits; 256 where a hash says too little
   */
  record Pair(
      String transform, boolean isCopy, boolean samePixels, int hashDistance, double cosine) {}

  private record Descriptors(CopySet.Item item, String imageId, PixelHash hash, float[] vector) {}

  static CopyScores of(CopySet set, ImageEmbedder embedder, DedupConfig config) {
    List<Descriptors> all = new ArrayList<>();
    List<CopySet.Item> items = set.items();
    for (int from = 0; from < items.size(); from += BATCH) {
      all.addAll(describe(items.subList(from, Math.min(items.size(), from + BATCH)), embedder));
    }
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      for (int j = 0; j < all.size(); j++) {
        boolean isOrdered = !all.get(j).item().isOriginal() || j < i;
        if (all.get(i).item().isOriginal() && i != j && isOrdered) {
          pairs.add(pair(all.get(i), all.get(j), config.hash().minQuality()));
        }
      }
    }
    return new CopyScores(pairs);
  }

  List<Pair> pairs() {
    return pairs;
  }

  private static List<Descriptors> describe(List<CopySet.Item> items, ImageEmbedder embedder) {
    List<RgbImage> images = items.stream().map(item -> item.image().get()).toList();
    float[][] vectors = embedder.embed(images);
    List<Descriptors> described = new ArrayList<>();
    for (int i = 0; i < vectors.length; i++) {
      described.add(
          new Descriptors(
              items.get(i),
              CanonicalEncoding.imageId(images.get(i)),
              PixelHash.of(images.get(i)),
              vectors[i]));
    }
    return described;
  }

  private static Pair pair(Descriptors original, Descriptors other, int minQuality) {
    boolean isSaying = Math.min(original.hash().quality(), other.hash().quality()) >= minQuality;
    return new Pair(
        other.item().transform(),
        original.item().group().equals(other.item().group()),
        original.imageId().equals(other.imageId()),
        isSaying ? distance(original.hash(), other.hash()) : BitCode.BITS,
        dot(original.vector(), other.vector()));
  }

  /** The least over both hashes of each, as the rows of the hash index compare them. */
  private static int distance(PixelHash a, PixelHash b) {
    int least = BitCode.BITS;
    for (byte[] x : List.of(a.upright(), a.mirrored())) {
      for (byte[] y : List.of(b.upright(), b.mirrored())) {
        least = Math.min(least, Dihedral.distance(BitCode.of(x), BitCode.of(y)));
      }
    }
    return least;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
