package io.freshet.platform.registry;

import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;

/**
 * Section {@code registry.retention}: which releases may go. The newest of each model stay, the
 * young ones, and all that an alias points at or would go back to.
 *
 * @param automatic whether this happens by itself after each publication
 * @param keepNewest releases of each model, by number, at least 1: the highest number must stay, or
 *     it would be given again
 * @param keepFor how long a release stays after its publication
 * @param leftoversFor how long what a killed publisher left stays; longer than any publication
 */
public record RetentionPolicy(
    boolean automatic, int keepNewest, Duration keepFor, Duration leftoversFor)
    implements Serializable {
  /** Nothing goes by itself. */
  static final RetentionPolicy BY_HAND =
      new RetentionPolicy(false, 10, Duration.ofDays(30), Duration.ofDays(1));

  public RetentionPolicy {
    if (keepNewest < 1) {
      throw new IllegalArgumentException(
          "registry.retention.keep_newest is %d; it must be at least 1, for the highest number of a model must stay"
              .formatted(keepNewest));
    }
    if (keepFor.isNegative()) {
      throw new IllegalArgumentException(
          "registry.retention.keep_for is %s; it must not be negative".formatted(keepFor));
    }
    if (leftoversFor.compareTo(Duration.ofHours(1)) < 0) {
      throw new IllegalArgumentException(
          "registry.retention.leftovers_for is %s; it must be an hour at least, or a publication that is under way is taken for a leftover"
              .formatted(leftoversFor));
    }
  }

  public RetentionPolicy withKeepNewest(int releases) {
    return new RetentionPolicy(automatic, releases, keepFor, leftoversFor);
  }

  public RetentionPolicy withKeepFor(Duration time) {
    return new RetentionPolicy(automatic, keepNewest, time, leftoversFor);
  }

  /**
   * The releases that may go, lowest number first.
   *
   * @param published of one model, with the time of publication
   * @param named what aliases need, of any model
   */
  List<ModelVersion> expired(
      SortedMap<ModelVersion, Instant> published, Set<ModelVersion> named, Instant now) {
    List<ModelVersion> expired = new ArrayList<>();
    int newer = published.size();
    for (ModelVersion version : published.keySet()) {
      newer--;
      boolean old = published.get(version).plus(keepFor).isBefore(now);
      if (newer >= keepNewest && old && !named.contains(version)) {
        expired.add(version);
      }
    }
    return expired;
  }
}
