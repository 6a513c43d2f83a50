package io.freshet.trainer.branch;

import java.io.Serializable;

/**
 * Section {@code trainer.release.cooldown}.
 *
 * @param steps in which the learning rate goes linearly to 0 before a release; 0 = none
 */
public record CooldownConfig(long steps) implements Serializable {
  public CooldownConfig {
    if (steps < 0) {
      throw new IllegalArgumentException(
          "trainer.release.cooldown.steps is " + steps + "; write 0 for none, or a count");
    }
  }
}
