package io.freshet.deploy.contamination;

import io.freshet.platform.registry.ModelVersion;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedSet;

/**
 * What one release had to do with the withdrawn images.
 *
 * @param read images that its own run had read before it was published
 * @param inherited images that only releases had read from which it descends
 * @param firstStep the first step of its run that came after any of {@code read}; empty when none
 *     was, or the ledger no longer has it
 * @param unknownParents ancestors that the registry no longer has, so that nobody can say
 */
public record ReleaseExposure(
    TrainedRelease release,
    SortedSet<String> read,
    SortedSet<String> inherited,
    OptionalLong firstStep,
    List<ModelVersion> unknownParents) {
  public boolean isExposed() {
    return !read.isEmpty() || !inherited.isEmpty();
  }
}
