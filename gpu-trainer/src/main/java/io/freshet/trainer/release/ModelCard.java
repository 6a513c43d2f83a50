package io.freshet.trainer.release;

import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.Release;
import io.freshet.platform.registry.ReleasedAdapter;
import io.freshet.platform.registry.ReleasedAdapter.Direction;
import io.freshet.schemas.TopicOffset;
import io.freshet.trainer.release.ReleasePictures.Picture;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Writes {@code MODEL_CARD.md}: what a model is, where it comes from and how good it was found. */
final class ModelCard {
  /** Bounds the tables whose rows come from outside; the manifest has all. */
  private static final int MAX_ROWS = 100;

  private final ReleaseContent content;
  private final Release release;
  private final String dataLicence;
  private final List<Picture> pictures;
  private final Instant at;

  /**
   * @param pictures that lie in the release already
   */
  ModelCard(
      ReleaseContent content,
      Release release,
      String dataLicence,
      List<Picture> pictures,
      Instant at) {
    this.content = content;
    this.release = release;
    this.dataLicence = dataLicence;
    this.pictures = pictures;
    this.at = at;
  }

  String markdown() {
    StringBuilder card = new StringBuilder();
    card.append(
        """
        ---
        license: %s
        library_name: transformers
        pipeline_tag: image-feature-extraction
        tags: [dinov2, self-supervised, image-embeddings]
        ---
        # %s, step %d

        A vision transformer (%s) that was trained without labels, by the method of DINOv2
        (arXiv 2304.07193), on a stream of curated web images. Its features are the normalised class
        token (%d numbers) and one vector for each patch of %d pixels.

        | | |
        |---|---|
        """
            .formatted(
                release.licence(),
                content.model().model(),
                release.step(),
                release.architecture(),
                release.dim(),
                release.patch()));
    row(card, "Training run", release.runId());
    row(card, "Optimiser steps", Long.toString(release.step()));
    row(card, "Branches", branches());
    row(card, "Images seen", Long.toString(release.imagesSeen()));
    row(card, "Image size", release.imageSize() + " px");
    row(card, "Parents", parents());
    row(card, "Licence of the weights", release.licence());
    row(card, "Rights in the training images", dataLicence);
    row(card, "Written", at.toString());
    files(card);
    measures(card);
    gate(card);
    forms(card);
    pictures(card);
    data(card);
    return card.toString();
  }

  private String parents() {
    return release.parents().isEmpty()
        ? "none"
        : release.parents().stream().map(ModelVersion::toString).collect(Collectors.joining(", "));
  }

  private String branches() {
    return content.model().branches().isEmpty()
        ? "none"
        : String.join("; ", content.model().branches());
  }

  private void files(StringBuilder card) {
    card.append(
        """

        ## Files

        - `model.safetensors`, `config.json`, `preprocessor_config.json`: the backbone of the teacher
          in the Dinov2 layout of Hugging Face.
        - `onnx/model.onnx`: the same, operator set %d; input `pixel_values`, outputs
          `last_hidden_state` and `pooler_output`.
        - `onnx/model_quantized.onnx`, when present: its matrix products in eight bits; how far its
          features drift was measured, `int8/` in the metrics of the manifest.
        - `adapters/`, when present: linear maps from and to the spaces of earlier releases.
        - `plots/`, when present: the pictures below.
        - `training_state/`, when present: student, teacher, heads and optimiser moments, to continue
          from, as they were before any branch that ends a release.
        - `manifest.json`: SHA-256 of each file, metrics, offsets.
        """
            .formatted(OnnxExport.OPSET));
  }

  /** A column of the table of measures. */
  private record Column(String title, String prefix, boolean share) {
    String cell(Double value) {
      return value == null
          ? "-"
          : share
              ? String.format(Locale.ROOT, "%.1f %%", 100 * value)
              : String.format(Locale.ROOT, "%.2f", value);
    }
  }

  private void measures(StringBuilder card) {
    if (Metrics.under(Metrics.KNN_TOP1, release.metrics()).isEmpty()) {
      card.append("\n## Measured\n\nNothing: no labelled images were registered for evaluation.\n");
      return;
    }
    card.append(
        """

        ## Measured

        On labelled images that were never trained on. k-NN: top-1 accuracy of weighted nearest
        neighbours by the class token; beside it the same of the network before training and of the
        pixels at 16 x 16.
        """);
    table(
        card,
        Metrics.KNN_TOP1,
        List.of(
            new Column("k-NN", Metrics.KNN_TOP1, true),
            new Column("before training", Metrics.UNTRAINED_TOP1, true),
            new Column("pixels at 16 x 16", Metrics.RAW_PIXELS_TOP1, true),
            new Column("pixels, mean subtracted", Metrics.CENTRED_PIXELS_TOP1, true)));
    card.append(
        """

        Classifiers on the frozen class token; mean average precision of the images of a query's
        class; how the features fill their space (RankMe: effective dimensions; uniformity: lower is
        more even).
        """);
    table(
        card,
        Metrics.KNN_TOP1,
        List.of(
            new Column("linear probe", Metrics.LINEAR_TOP1, true),
            new Column("logistic regression", Metrics.LOGREG_TOP1, true),
            new Column("retrieval mAP", Metrics.RETRIEVAL_MAP, true),
            new Column("RankMe", Metrics.RANKME, false),
            new Column("uniformity", Metrics.UNIFORMITY, false)));
  }

  /** A row for each set that has a metric of the family {@code rows}. */
  private void table(StringBuilder card, String rows, List<Column> columns) {
    card.append("\n| set |");
    columns.forEach(column -> card.append(' ').append(column.title()).append(" |"));
    card.append("\n|---|").append("---|".repeat(columns.size())).append('\n');
    Map<String, Double> metrics = release.metrics();
    new TreeMap<>(Metrics.under(rows, metrics))
        .keySet().stream()
            .limit(MAX_ROWS)
            .forEach(
                set -> {
                  card.append("| ").append(cell(set));
                  columns.forEach(
                      column ->
                          card.append(" | ")
                              .append(column.cell(metrics.get(column.prefix() + set))));
                  card.append(" |\n");
                });
  }

  private void gate(StringBuilder card) {
    card.append("\n## The gate\n\n");
    Optional<Judgement> judgement = content.evidence().judgement();
    card.append(
        judgement
            .map(
                it ->
                    (it.promoted() ? "Fit to become champion: " : "Stays a candidate: ")
                        + text(it.reason())
                        + ".\n")
            .orElse("Not judged: a student becomes no champion.\n"));
    if (judgement.isEmpty()) {
      return;
    }
    Map<String, Double> against =
        Metrics.under(Metrics.CHAMPION, judgement.orElseThrow().evidence());
    if (!against.isEmpty()) {
      card.append("\n| metric | this model | champion then |\n|---|---|---|\n");
      against.entrySet().stream()
          .limit(MAX_ROWS)
          .forEach(
              held ->
                  card.append(
                      "| %s | %s | %s |\n"
                          .formatted(
                              cell(held.getKey()),
                              Optional.ofNullable(release.metrics().get(held.getKey()))
                                  .map(ModelCard::number)
                                  .orElse("not measured"),
                              number(held.getValue()))));
    }
  }

  /** The eight-bit form and the adapters, where there are any. */
  private void forms(StringBuilder card) {
    content
        .quantized()
        .ifPresent(
            form ->
                card.append(
                    """

                    ## In eight bits

                    Cosine between the features of `%s` and of the whole model on %d images: mean %s,
                    worst %s.
                    """
                        .formatted(
                            QuantizedOnnx.FILE,
                            form.images(),
                            number(form.meanCosine()),
                            number(form.minCosine()))));
    if (!release.adapters().isEmpty()) {
      card.append(
          """

          ## Adapters

          Recall@10: of the ten nearest that a query finds, the share that it still finds when it was
          brought over, on images that the map was not fitted on.

          | other space | direction | map | recall@10 |
          |---|---|---|---|
          """);
      for (ReleasedAdapter adapter : release.adapters()) {
        card.append(
            "| %s | %s | %s | %s |\n"
                .formatted(
                    cell(adapter.otherSpace()),
                    adapter.direction() == Direction.FROM_OTHER ? "from there" : "to there",
                    cell(adapter.kind()),
                    number(adapter.recallAt10())));
      }
    }
  }

  private void pictures(StringBuilder card) {
    if (!pictures.isEmpty()) {
      card.append("\n## Pictures\n");
      pictures.forEach(
          picture -> card.append("\n![%s](%s)\n".formatted(text(picture.title()), picture.file())));
    }
  }

  private void data(StringBuilder card) {
    card.append("\n## Data\n");
    content.evidence().funnel().ifPresent(funnel -> funnel(card, funnel));
    card.append(
        """

        Images of the replay buffer when this was released, by the curated data set that attracted
        them, and the next offsets of the stream:

        | data set | images |
        |---|---|
        """);
    new TreeMap<>(content.imagesByDataset())
        .entrySet().stream()
            .limit(MAX_ROWS)
            .forEach(held -> row(card, held.getKey(), held.getValue().toString()));
    card.append("\n| topic | partition | offset |\n|---|---|---|\n");
    for (TopicOffset offset : release.offsets()) {
      card.append(
          "| %s | %d | %d |\n"
              .formatted(cell(offset.getTopic()), offset.getPartition(), offset.getOffset()));
    }
  }

  private static void funnel(StringBuilder card, DataFunnel funnel) {
    card.append(
        """

        What curation made of the crawl until this release%s:

        | | |
        |---|---|
        | windows closed | %,d |
        | unique images seen in them | %,d |
        | withdrawn before their window closed | %,d |
        | unreadable | %,d |
        | taken by balanced sampling | %,d |

        | data set | near its seeds | selected |
        |---|---|---|
        """
            .formatted(
                funnel.complete() ? "" : " (not all windows were read in time)",
                funnel.windows(),
                funnel.images(),
                funnel.withdrawn(),
                funnel.unreadable(),
                funnel.balanced()));
    funnel.datasets().entrySet().stream()
        .limit(MAX_ROWS)
        .forEach(
            set ->
                card.append(
                    "| %s | %,d | %,d |\n"
                        .formatted(
                            cell(set.getKey()), set.getValue().near(), set.getValue().selected())));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  private static void row(StringBuilder card, String name, String value) {
    card.append("| ").append(cell(name)).append(" | ").append(cell(value)).append(" |\n");
  }

  /** Names come from outside; none may end the cell or the table, or begin a link. */
  private static String cell(String text) {
    return text(text).replace('|', ' ');
  }

  private static String text(String text) {
    return text.replaceAll("[\\r\\n]", " ").replace("<", "&lt;").replaceAll("[\\[\\]]", "\\\\$0");
  }
}
