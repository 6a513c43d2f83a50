package io.freshet.trainer.release;

import io.freshet.platform.registry.Release;
import io.freshet.schemas.TopicOffset;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Writes {@code MODEL_CARD.md}: what a model is, where it comes from and how good it was found. */
final class ModelCard {
  private final ReleaseContent content;
  private final Release release;
  private final Instant at;

  ModelCard(ReleaseContent content, Release release, Instant at) {
    this.content = content;
    this.release = release;
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
    row(card, "Parents", release.parents().isEmpty() ? "none" : release.parents().toString());
    row(card, "Licence of the weights", release.licence());
    row(card, "Written", at.toString());
    files(card);
    measures(card);
    data(card);
    return card.toString();
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
        - `training_state/`, when present: student, teacher, heads and optimiser moments, to continue
          from, as they were before any branch that ends a release.
        - `manifest.json`: SHA-256 of each file, metrics, offsets.
        """
            .formatted(OnnxExport.OPSET));
  }

  private void measures(StringBuilder card) {
    card.append(
        """

        ## Measured

        Top-1 accuracy of weighted k-NN on the class token, on images that were never trained on.

        | set | this model | before training | pixels at 16 x 16 | pixels, mean subtracted |
        |---|---|---|---|---|
        """);
    Map<String, Double> metrics = release.metrics();
    for (String set : new TreeSet<>(Metrics.under(Metrics.KNN_TOP1, metrics).keySet())) {
      card.append("| ").append(cell(set));
      for (String prefix :
          new String[] {
            Metrics.KNN_TOP1,
            Metrics.UNTRAINED_TOP1,
            Metrics.RAW_PIXELS_TOP1,
            Metrics.CENTRED_PIXELS_TOP1
          }) {
        Double value = metrics.get(prefix + set);
        card.append(" | ").append(value == null ? "-" : "%.1f %%".formatted(100 * value));
      }
      card.append(" |\n");
    }
  }

  private void data(StringBuilder card) {
    card.append(
        """

        ## Data

        Images of the replay buffer when this was released, by the curated data set that attracted
        them, and the next offsets of the stream:

        | data set | images |
        |---|---|
        """);
    new TreeMap<>(content.imagesByDataset())
        .forEach((dataset, count) -> row(card, dataset, count.toString()));
    card.append("\n| topic | partition | offset |\n|---|---|---|\n");
    for (TopicOffset offset : release.offsets()) {
      card.append(
          "| %s | %d | %d |\n"
              .formatted(cell(offset.getTopic()), offset.getPartition(), offset.getOffset()));
    }
  }

  private static void row(StringBuilder card, String name, String value) {
    card.append("| ").append(cell(name)).append(" | ").append(cell(value)).append(" |\n");
  }

  /** Names come from outside; none may end the cell or the table. */
  private static String cell(String text) {
    return text.replaceAll("[\\r\\n|]", " ").replace("<", "&lt;");
  }
}
