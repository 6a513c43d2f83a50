package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.directory.LabelledFile;
import io.freshet.trainer.evaluate.directory.RetrievalDirectory;
import io.freshet.trainer.evaluate.model.EvaluatedModel;
import io.freshet.trainer.evaluate.retrieval.CosineRanking;
import io.freshet.trainer.evaluate.retrieval.Relevance.Protocol;
import io.freshet.trainer.evaluate.retrieval.RetrievalScore;
import java.util.List;
import java.util.Locale;

/** Retrieval of given images by given queries, as on revisited Oxford and Paris. */
public final class InstanceRetrieval {
  private final EvaluatedModel model;
  private final EvaluationProgress progress;

  /**
   * @param model stays the caller's
   */
  public InstanceRetrieval(EvaluatedModel model, EvaluationProgress progress) {
    this.model = model;
    this.progress = progress;
  }

  /**
   * @throws IllegalArgumentException when an image can't be read: the numbers would be of another
   *     benchmark
   */
  public void run(RetrievalDirectory directory, DirectoryReport report) {
    CosineRanking ranking =
        new CosineRanking(embedded(directory.database(), "database").toArray(float[][]::new));
    List<float[]> queries = embedded(directory.queries(), "queries");
    report.fact(
        "retrieval",
        "%,d queries in %,d images".formatted(queries.size(), directory.database().size()));
    for (Protocol protocol : Protocol.values()) {
      RetrievalScore score =
          RetrievalScore.of(
              queries.size(),
              query -> ranking.of(queries.get(query)),
              directory.relevance()::get,
              protocol,
              1,
              5,
              10);
      String name = protocol.name().toLowerCase(Locale.ROOT);
      score
          .map()
          .ifPresent(
              map ->
                  report.add(
                      Measure.share(
                          "retrieval_map_" + name,
                          map,
                          "mean average precision of instances, %s; at 1: %.3f, 5: %.3f, 10: %.3f"
                              .formatted(
                                  name,
                                  score.precision().get(0),
                                  score.precision().get(1),
                                  score.precision().get(2)))));
      if (protocol == Protocol.MEDIUM && !report.has("retrieval_map")) {
        score
            .map()
            .ifPresent(
                map -> report.add(Measure.share("retrieval_map", map, "the same, as a headline")));
      }
    }
  }

  private List<float[]> embedded(List<LabelledFile> files, String phase) {
    EmbeddedFiles embedded =
        EmbeddedFiles.of(model, files, model.preprocessing().transform()::pixels, phase, progress);
    if (!embedded.skipped().isEmpty()) {
      throw new IllegalArgumentException(
          "%d images of the retrieval benchmark can't be read; the first is %s: %s"
              .formatted(
                  embedded.skipped().size(),
                  embedded.skipped().get(0).name(),
                  embedded.skipped().get(0).reason()));
    }
    return embedded.part(model.embedding());
  }
}
