package io.freshet.trainer.run;

import io.freshet.platform.registry.ModelVersion;
import io.freshet.trainer.data.CompositionState;
import io.freshet.trainer.step.StepSnapshot;
import java.util.Map;
import java.util.Optional;

/**
 * What the training thread hands over for a release: copies that nobody changes.
 *
 * @param seed of the run
 * @param origin the release that the run went on from
 * @param composition offsets and content of the replay buffer
 * @param baselines what models are held against, by the names of {@code Metrics}
 * @param curationModel the model whose measures are among them; empty when none is
 */
record ReleaseRequest(
    String runId,
    long seed,
    Optional<ModelVersion> origin,
    StepSnapshot snapshot,
    CompositionState composition,
    Map<String, Double> baselines,
    String curationModel) {
  ReleaseRequest {
    baselines = Map.copyOf(baselines);
  }
}
