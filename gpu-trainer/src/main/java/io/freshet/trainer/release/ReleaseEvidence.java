package io.freshet.trainer.release;

import io.freshet.trainer.evaluate.measure.Classification;
import io.freshet.trainer.evaluate.plot.VersionHistory;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What stands behind a release beside its numbers: for the pictures and the model card.
 *
 * @param judgement the gate's; empty for a student
 * @param classifications of its queries, by EVALUATION set, in the order of their names
 * @param versions the releases before and this one; empty when they can't be read
 * @param funnel what curation made of the crawl; empty when that can't be read
 */
public record ReleaseEvidence(
    Optional<Judgement> judgement,
    Map<String, Classification> classifications,
    Optional<VersionHistory> versions,
    Optional<DataFunnel> funnel) {
  /** Of a release that nothing is known of. */
  public static final ReleaseEvidence NONE =
      new ReleaseEvidence(Optional.empty(), Map.of(), Optional.empty(), Optional.empty());

  public ReleaseEvidence {
    classifications = Collections.unmodifiableMap(new TreeMap<>(classifications));
  }
}
