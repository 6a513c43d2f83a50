package io.freshet.vision.adapter;

import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/** How well queries that were brought over find what the original queries find; exact search. */
final class NeighbourRecall {
  private static final int NEAREST = 10;

  /** An image and how near it is. */
  private record Scored(int index, double score) {}

  private NeighbourRecall() {}

  /**
   * @param brought queries, one for each image of the gallery, in the same space and order
   * @param gallery vectors of length one
   * @return the share of each image's ten nearest others that its brought query finds among the ten
   *     nearest others, averaged
   */
  static double at10(List<float[]> brought, List<float[]> gallery) {
    double found = 0;
    for (int query = 0; query < gallery.size(); query++) {
      Set<Integer> wanted = nearest(gallery.get(query), query, gallery);
      Set<Integer> got = nearest(brought.get(query), query, gallery);
      int all = wanted.size();
      wanted.retainAll(got);
      found += all == 0 ? 1 : (double) wanted.size() / all;
    }
    return found / gallery.size();
  }

  private static Set<Integer> nearest(float[] query, int self, List<float[]> gallery) {
    PriorityQueue<Scored> best =
        new PriorityQueue<>((a, b) -> Double.compare(a.score(), b.score()));
    for (int i = 0; i < gallery.size(); i++) {
      if (i == self) {
        continue;
      }
      best.add(new Scored(i, dot(query, gallery.get(i))));
      if (best.size() > NEAREST) {
        best.poll();
      }
    }
    Set<Integer> nearest = new HashSet<>();
    best.forEach(scored -> nearest.add(scored.index()));
    return nearest;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
