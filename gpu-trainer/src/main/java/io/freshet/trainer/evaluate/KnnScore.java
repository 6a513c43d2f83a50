package io.freshet.trainer.evaluate;

/**
 * Outcome of a nearest-neighbour evaluation.
 *
 * @param top1 share of queries whose label got the most votes, 0..1
 * @param top5 share of queries whose label is among the five most voted, 0..1
 * @param bank labelled vectors that could vote
 * @param queries vectors that were classified
 */
public record KnnScore(double top1, double top5, int bank, int queries) {
  public KnnScore {
    if (!(top1 >= 0 && top1 <= top5 && top5 <= 1)) {
      throw new IllegalArgumentException("no accuracies: top1 " + top1 + ", top5 " + top5);
    }
  }
}
