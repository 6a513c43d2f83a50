package io.freshet.trainer.run;

import io.freshet.platform.registry.ModelVersion;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The release that a run went on from, as its checkpoints remember it.
 *
 * @param reference as the settings named it
 * @param release empty when it was a directory outside the registry
 * @param schedulesFrom what the run's step 0 is in its schedules
 */
record Origin(String reference, Optional<ModelVersion> release, long schedulesFrom) {
  private static final String FROM = "from";
  private static final String PARENT = "parent";
  private static final String SCHEDULES_FROM = "schedules_from";

  /** What {@link #notes} wrote; empty for a run that began anew. */
  static Optional<Origin> of(Map<String, String> notes) {
    return Optional.ofNullable(notes.get(FROM))
        .map(
            reference ->
                new Origin(
                    reference,
                    Optional.ofNullable(notes.get(PARENT)).flatMap(ModelVersion::parse),
                    Long.parseLong(notes.getOrDefault(SCHEDULES_FROM, "0"))));
  }

  /** For a checkpoint. */
  Map<String, String> notes() {
    Map<String, String> notes = new TreeMap<>();
    notes.put(FROM, reference);
    notes.put(SCHEDULES_FROM, Long.toString(schedulesFrom));
    release.ifPresent(version -> notes.put(PARENT, version.toString()));
    return notes;
  }
}
