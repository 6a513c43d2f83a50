package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.evaluate.KnnEvaluation;
import io.freshet.trainer.evaluate.KnnNeighbours;
import io.freshet.trainer.evaluate.KnnScore;
import io.freshet.trainer.evaluate.LabelledFeatures;
import io.freshet.trainer.evaluate.directory.LabelledFile;
import io.freshet.trainer.evaluate.retrieval.CosineRanking;
import io.freshet.trainer.evaluate.retrieval.Relevance;
import io.freshet.trainer.evaluate.retrieval.Relevance.Protocol;
import io.freshet.trainer.evaluate.retrieval.RetrievalScore;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** What the nearest images tell: k-NN, and retrieval of the images of the query's class. */
final class NeighbourMeasures {
  /** DINOv2's choices of k. */
  private static final int[] KS = {10, 20, 100, 200};

  /** All of them vote where a score is wanted: few neighbours give few distinct ones. */
  private static final int CURVE_K = KS[KS.length - 1];

  private static final double TEMPERATURE = 0.07;
  private static final int SHOWN_QUERIES = 12;
  private static final int SHOWN_NEIGHBOURS = 8;

  private final List<LabelledFile> files;
  private final LabelledFeatures vectors;
  private final Partition partition;
  private final int[] bank;
  private final int[] queries;

  /** Where no split is given every image is asked, with all others as the bank. */
  NeighbourMeasures(List<LabelledFile> files, LabelledFeatures vectors, Partition partition) {
    this.files = files;
    this.vectors = vectors;
    this.partition = partition;
    int[] all = IntStream.range(0, files.size()).toArray();
    this.bank = partition.given() ? partition.bank() : all;
    this.queries = partition.given() ? partition.queries() : all;
  }

  void run(List<String> classes, DirectoryReport report) {
    String how = partition.given() ? "" : ", leave one out";
    KnnNeighbours neighbours = neighbours();
    for (int k : KS) {
      KnnScore score = neighbours.score(k);
      String meaning = "weighted k-NN, k %d, T %s%s".formatted(k, TEMPERATURE, how);
      if (k == KS[0]) {
        report.add(Measure.share("knn_top1", score.top1(), meaning));
        report.add(Measure.share("knn_top5", score.top5(), meaning));
      }
      report.add(Measure.share("knn_top1_k" + k, score.top1(), meaning));
    }
    Classification classification =
        Classification.ofNeighbours(
            classes,
            "k-NN, k " + KS[0],
            neighbours,
            vectors.rows(queries).labels(),
            KS[0],
            CURVE_K,
            shown(neighbours));
    report.add(
        Measure.share(
            "knn_average_precision",
            classification.meanAveragePrecision(),
            "area under precision over recall of the votes of %d neighbours, mean of the classes%s"
                .formatted(CURVE_K, how)));
    retrieval(how, report);
    report.classified(classification);
  }

  private KnnNeighbours neighbours() {
    KnnEvaluation knn = new KnnEvaluation(KS[KS.length - 1], TEMPERATURE);
    return partition.given()
        ? knn.neighbours(partition.bank(vectors), partition.queries(vectors))
        : knn.leaveOneOut(vectors);
  }

  private void retrieval(String how, DirectoryReport report) {
    CosineRanking ranking = new CosineRanking(vectors.rows(bank).features());
    RetrievalScore score =
        RetrievalScore.of(
            queries.length,
            query -> ranking.of(vectors.features()[queries[query]]),
            query -> sameClass(queries[query]),
            Protocol.EASY,
            1,
            10);
    score
        .map()
        .ifPresent(
            map -> {
              report.add(
                  Measure.share(
                      "retrieval_map",
                      map,
                      "mean average precision of the query's class by cosine" + how));
              report.add(
                  Measure.share(
                      "retrieval_precision_at_1",
                      score.precision().get(0),
                      "share of nearest images of the query's class" + how));
              report.add(
                  Measure.share(
                      "retrieval_precision_at_10",
                      score.precision().get(1),
                      "share of the ten nearest images of the query's class" + how));
            });
  }

  /** The bank's images of the query's class; the query itself, where it is in the bank, is junk. */
  private Relevance sameClass(int query) {
    Set<Integer> same = new HashSet<>();
    Set<Integer> itself = new HashSet<>();
    for (int i = 0; i < bank.length; i++) {
      if (bank[i] == query) {
        itself.add(i);
      } else if (vectors.label(bank[i]) == vectors.label(query)) {
        same.add(i);
      }
    }
    return new Relevance(same, Set.of(), itself);
  }

  /** Queries from all over the set. */
  private List<Classification.Neighbours> shown(KnnNeighbours neighbours) {
    int count = Math.min(SHOWN_QUERIES, queries.length);
    return IntStream.range(0, count)
        .map(i -> (int) ((long) i * queries.length / count))
        .mapToObj(
            query ->
                new Classification.Neighbours(
                    files.get(queries[query]),
                    Arrays.stream(neighbours.of(query))
                        .limit(SHOWN_NEIGHBOURS)
                        .mapToObj(i -> files.get(bank[i]))
                        .toList()))
        .toList();
  }
}
