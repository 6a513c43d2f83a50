package io.freshet.trainer.run;

import java.io.Serializable;
import java.util.Optional;

/**
 * Section {@code trainer.start}: how a new run begins. A run that has checkpoints goes on from
 * them.
 *
 * @param from a release to go on from: {@code latest}, an alias, a version such as {@code
 *     freshet@3}, or a directory; empty = begin anew
 * @param schedules what happens to warm-ups when going on from a release
 */
public record StartConfig(Optional<String> from, Schedules schedules) implements Serializable {

  /** Where a run that goes on from a release is in its schedules. */
  public enum Schedules {
    /** At their beginning, with all warm-ups. */
    RESTART,
    /** At the step that the release was made at. */
    CONTINUE
  }

  public StartConfig {
    if (from.isPresent() && from.get().isBlank()) {
      throw new IllegalArgumentException(
          "trainer.start.from is blank; name a release, or write null to begin anew");
    }
  }
}
