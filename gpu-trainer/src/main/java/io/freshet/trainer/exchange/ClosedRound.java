package io.freshet.trainer.exchange;

import java.util.List;

/**
 * A round that has ended.
 *
 * @param round from 0
 * @param deltas what counts, in the order of the log; at least one
 */
public record ClosedRound(long round, List<ExchangeMessage.Delta> deltas) {
  public ClosedRound {
    deltas = List.copyOf(deltas);
    if (deltas.isEmpty()) {
      throw new IllegalArgumentException("round " + round + " can't end without a delta");
    }
  }
}
