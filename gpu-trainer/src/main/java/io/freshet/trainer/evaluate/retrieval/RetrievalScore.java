package io.freshet.trainer.evaluate.retrieval;

import io.freshet.trainer.evaluate.retrieval.Relevance.Protocol;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * How well rankings find what is right.
 *
 * @param map mean average precision over the queries that have something to find, 0..1; empty when
 *     none has
 * @param averagePrecision of each query; NaN where nothing is right
 * @param precision mean over the same queries of the precision among the first k, for each asked k
 */
public record RetrievalScore(
    Optional<Double> map, List<Double> averagePrecision, List<Double> precision) {
  public RetrievalScore {
    averagePrecision = List.copyOf(averagePrecision);
    precision = List.copyOf(precision);
  }

  /** Of one query that has something to find. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record QueryScore(double averagePrecision, double[] precision) {}

  /**
   * Asks for one ranking at a time on each core, for all of them may not fit into memory.
   *
   * @param queries how many
   * @param ranking the database for a query, best first
   * @param relevance of a query
   * @param ks ranks at which precision is taken, each at least 1
   */
  public static RetrievalScore of(
      int queries,
      IntFunction<int[]> ranking,
      IntFunction<Relevance> relevance,
      Protocol protocol,
      int... ks) {
    List<Optional<QueryScore>> scores =
        IntStream.range(0, queries)
            .parallel()
            .mapToObj(query -> score(query, ranking, relevance.apply(query), protocol, ks))
            .toList();
    List<QueryScore> counted = scores.stream().flatMap(Optional::stream).toList();
    List<Double> averages =
        scores.stream().map(s -> s.map(QueryScore::averagePrecision).orElse(Double.NaN)).toList();
    if (counted.isEmpty()) {
      return new RetrievalScore(Optional.empty(), averages, List.of());
    }
    return new RetrievalScore(
        Optional.of(mean(counted, QueryScore::averagePrecision)),
        averages,
        IntStream.range(0, ks.length)
            .mapToObj(i -> mean(counted, score -> score.precision()[i]))
            .toList());
  }

  private static Optional<QueryScore> score(
      int query, IntFunction<int[]> ranking, Relevance relevance, Protocol protocol, int... ks) {
    Set<Integer> right = relevance.right(protocol);
    if (right.isEmpty()) {
      return Optional.empty();
    }
    int[] hits = hits(ranking.apply(query), right, relevance.ignored(protocol));
    double[] precision = IntStream.of(ks).mapToDouble(k -> precision(hits, k)).toArray();
    return Optional.of(new QueryScore(averagePrecision(hits, right.size()), precision));
  }

  private static double mean(List<QueryScore> scores, ToDoubleFunction<QueryScore> number) {
    return scores.stream().mapToDouble(number).average().orElseThrow();
  }

  /** Ranks from 0 of what is right, after what is ignored was taken out. */
  private static int[] hits(int[] ranking, Set<Integer> right, Set<Integer> ignored) {
    int[] kept = IntStream.of(ranking).filter(image -> !ignored.contains(image)).toArray();
    return IntStream.range(0, kept.length).filter(rank -> right.contains(kept[rank])).toArray();
  }

  /**
   * The area under the precision-recall curve by trapezoids, as the original benchmark takes it.
   */
  private static double averagePrecision(int[] hits, int right) {
    double area = 0;
    for (int i = 0; i < hits.length; i++) {
      double before = hits[i] == 0 ? 1 : (double) i / hits[i];
      double after = (i + 1.0) / (hits[i] + 1);
      area += (before + after) / 2 / right;
    }
    return area;
  }

  /** Among the first k, or as far as there is anything right when that is less far. */
  private static double precision(int[] hits, int k) {
    if (hits.length == 0) {
      return 0;
    }
    int within = Math.min(hits[hits.length - 1] + 1, k);
    return (double) IntStream.of(hits).filter(rank -> rank < within).count() / within;
  }
}
