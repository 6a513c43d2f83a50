package io.freshet.trainer.release;

import io.freshet.schemas.TopicOffset;
import io.freshet.trainer.step.StepSnapshot;
import java.util.List;
import java.util.Map;

/**
 * What a release is made of.
 *
 * @param snapshot the trained state; the teacher's backbone is what is released
 * @param offsets next offsets of the curated stream
 * @param metrics measured on EVALUATION sets, by the names of {@link Metrics}
 * @param imagesByDataset images of the replay buffer by curated data set
 */
public record ReleaseContent(
    String runId,
    StepSnapshot snapshot,
    List<TopicOffset> offsets,
    Map<String, Double> metrics,
    Map<String, Long> imagesByDataset) {
  public ReleaseContent {
    offsets = List.copyOf(offsets);
    metrics = Map.copyOf(metrics);
    imagesByDataset = Map.copyOf(imagesByDataset);
  }

  /** The same with other metrics. */
  public ReleaseContent with(Map<String, Double> measured) {
    return new ReleaseContent(runId, snapshot, offsets, measured, imagesByDataset);
  }
}
