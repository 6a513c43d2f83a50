package io.freshet.deploy.bench;

import io.freshet.dedup.DedupConfig;
import io.freshet.vision.embed.ImageEmbedder;
import java.util.ArrayList;
import java.util.List;

/**
 * Every pair of an original and another picture, with what each descriptor says of it. These are
 * the pairs that deduplication judges, compared exhaustively: what the candidate search may miss is
 * measured elsewhere.
 */
final class CopyScores {
  private static final int DECODED_TOGETHER = 64;

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

  private record Described(CopySet.Item item, CopyDescriptors descriptors) {}

  static CopyScores of(CopySet set, ImageEmbedder embedder, DedupConfig config) {
    List<Described> all = described(set.items(), embedder);
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

  private static List<Described> described(List<CopySet.Item> items, ImageEmbedder embedder) {
    List<Described> described = new ArrayList<>();
    for (int from = 0; from < items.size(); from += DECODED_TOGETHER) {
      List<CopySet.Item> some =
          items.subList(from, Math.min(items.size(), from + DECODED_TOGETHER));
      List<CopyDescriptors> descriptors =
          CopyDescriptors.of(some.stream().map(item -> item.image().get()).toList(), embedder);
      for (int i = 0; i < descriptors.size(); i++) {
        described.add(new Described(some.get(i), descriptors.get(i)));
      }
    }
    return described;
  }

  private static Pair pair(Described original, Described other, int minQuality) {
    CopyDescriptors a = original.descriptors();
    CopyDescriptors b = other.descriptors();
    return new Pair(
        other.item().transform(),
        original.item().group().equals(other.item().group()),
        a.hasPixelsOf(b),
        a.hashDistance(b, minQuality),
        a.cosine(b));
  }
}
