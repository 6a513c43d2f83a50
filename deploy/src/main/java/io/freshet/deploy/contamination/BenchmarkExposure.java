package io.freshet.deploy.contamination;

import io.freshet.platform.registry.ModelVersion;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/**
 * What one benchmark withdrew, and which releases it came too late for.
 *
 * @param dataset its name; empty for images whose records name none
 * @param withdrawn images, with those that had been merged into them
 * @param curated those of them that reached a trainer's stream
 * @param releases those that had read any of them or descend from one that had, in the order of the
 *     registry
 */
public record BenchmarkExposure(
    Optional<String> dataset,
    SortedSet<String> withdrawn,
    SortedSet<String> curated,
    List<Release> releases) {
  /**
   * A release that the benchmark doesn't measure fairly.
   *
   * @param read images of the benchmark that its own run had read
   * @param inherited images of it that only releases had read from which it descends
   */
  public record Release(
      ModelVersion version, SortedSet<String> read, SortedSet<String> inherited) {}
}
