package io.freshet.curator;

import io.freshet.curator.retrieval.SeedIndexPlan;
import java.io.Serializable;
import java.time.Duration;

/**
 * How seeds are made ready.
 *
 * @param longestWait longest time that a window which could close waits for seeds that are being
 *     embedded; after it they take part from a later window
 * @param index how they are searched
 */
public record SeedPlan(Duration longestWait, SeedIndexPlan index) implements Serializable {
  public SeedPlan {
    if (longestWait.isNegative()) {
      throw new IllegalArgumentException("seeds.longest_wait can't be negative: " + longestWait);
    }
  }
}
