package io.freshet.deploy.bench;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.similarity.CopyBound;
import io.freshet.deploy.bench.CopyBackground.Neighbours;
import io.freshet.vision.embed.ImageEmbedder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

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
   * @param excess how much nearer to the background than usual the two are in the mean, by the
   *     cosine above which the background is taken for a copy
   */
  record Pair(
      String transform,
      boolean isCopy,
      boolean samePixels,
      int hashDistance,
      double cosine,
      DoubleUnaryOperator excess) {
    boolean exceeds(CopyBound bound) {
      if (bound.weight() == 0) {
        return cosine > bound.threshold();
      }
      float mean = (float) excess.applyAsDouble(bound.threshold());
      return cosine > bound.cosine(mean, mean);
    }
  }

  private record Described(CopySet.Item item, CopyDescriptors descriptors) {}

  static CopyScores of(CopySet set, ImageEmbedder embedder, DedupConfig config) {
    List<Described> all = described(set.items(), embedder);
    List<Described> originals = all.stream().filter(d -> d.item().isOriginal()).toList();
    List<Neighbours> neighbours = all.stream().map(d -> neighbours(d, originals)).toList();
    CopyBackground background =
        new CopyBackground(
            config.embedding().normalisation().nearest(),
            IntStream.range(0, all.size())
                .filter(i -> all.get(i).item().isOriginal())
                .mapToObj(neighbours::get)
                .toList());
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      for (int j = 0; j < all.size(); j++) {
        boolean isOrdered = !all.get(j).item().isOriginal() || j < i;
        if (all.get(i).item().isOriginal() && i != j && isOrdered) {
          Neighbours a = neighbours.get(i);
          Neighbours b = neighbours.get(j);
          pairs.add(
              pair(
                  all.get(i),
                  all.get(j),
                  config.hash().minQuality(),
                  copies -> background.excess(a, b, copies)));
        }
      }
    }
    return new CopyScores(pairs);
  }

  private static Neighbours neighbours(Described picture, List<Described> originals) {
    return CopyBackground.neighbours(
        picture.item().group(),
        originals.stream().map(original -> original.item().group()).toList(),
        originals.stream()
            .mapToDouble(original -> original.descriptors().cosine(picture.descriptors()))
            .toArray());
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

  private static Pair pair(
      Described original, Described other, int minQuality, DoubleUnaryOperator excess) {
    CopyDescriptors a = original.descriptors();
    CopyDescriptors b = other.descriptors();
    return new Pair(
        other.item().transform(),
        original.item().group().equals(other.item().group()),
        a.hasPixelsOf(b),
        a.hashDistance(b, minQuality),
        a.cosine(b),
        excess);
  }
}
