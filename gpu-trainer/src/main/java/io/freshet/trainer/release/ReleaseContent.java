package io.freshet.trainer.release;

import io.freshet.platform.registry.ModelVersion;
import io.freshet.schemas.TopicOffset;
import io.freshet.trainer.branch.BranchedModel;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.vision.adapter.SpaceAdapter;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a release is made of.
 *
 * @param model what is released: its teacher's backbone
 * @param trainingState what another run goes on from: for the run's own model the state that the
 *     branches left from, whose learning rate never went down
 * @param step of the run
 * @param offsets next offsets of the curated stream
 * @param metrics measured on EVALUATION sets, by the names of {@link Metrics}
 * @param parents the releases that it continues or was distilled from
 * @param imagesByDataset images of the replay buffer by curated data set
 * @param adapters from and to the spaces of earlier releases; the own space is {@code self}
 * @param quantized the eight-bit form, when its drift was measured
 * @param evidence for pictures and model card
 */
public record ReleaseContent(
    String runId,
    BranchedModel model,
    StepSnapshot trainingState,
    long step,
    List<TopicOffset> offsets,
    Map<String, Double> metrics,
    List<ModelVersion> parents,
    Map<String, Long> imagesByDataset,
    List<SpaceAdapter> adapters,
    Optional<QuantizedOnnx> quantized,
    ReleaseEvidence evidence) {
  public ReleaseContent {
    offsets = List.copyOf(offsets);
    metrics = Map.copyOf(metrics);
    parents = List.copyOf(parents);
    imagesByDataset = Map.copyOf(imagesByDataset);
    adapters = List.copyOf(adapters);
  }
}
