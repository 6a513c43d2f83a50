package io.freshet.deploy.contamination;

import io.freshet.platform.registry.ModelVersion;
import java.util.List;
import java.util.Map;

/**
 * What a release's manifest says about its training.
 *
 * @param step optimiser steps of its run
 * @param offsets next offset of each partition of {@code image.curated}
 * @param parents the releases that it continues or was distilled from
 * @param aliases that point to it now, by name
 */
public record TrainedRelease(
    ModelVersion version,
    String runId,
    long step,
    Map<Integer, Long> offsets,
    List<ModelVersion> parents,
    List<String> aliases) {
  public TrainedRelease {
    offsets = Map.copyOf(offsets);
    parents = List.copyOf(parents);
    aliases = List.copyOf(aliases);
  }
}
