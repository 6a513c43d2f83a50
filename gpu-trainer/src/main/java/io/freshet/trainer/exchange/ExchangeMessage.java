package io.freshet.trainer.exchange;

import io.freshet.schemas.BlobRef;
import java.util.List;

/** A record of the log that the workers of a group share. */
public sealed interface ExchangeMessage {

  /** Who appended it; unique for each start of a worker. */
  String worker();

  /** A worker takes part from now on. */
  record Join(String worker) implements ExchangeMessage {}

  /** A worker takes part no more; what it delivered counts. */
  record Leave(String worker) implements ExchangeMessage {}

  /**
   * What a worker learned in a round.
   *
   * @param round the round that its steps started from
   * @param base checksum of the parameters that they started from
   * @param images that its steps saw
   * @param payload the {@link Contribution}
   */
  record Delta(String worker, long round, int base, long images, List<BlobRef> payload)
      implements ExchangeMessage {
    public Delta {
      payload = List.copyOf(payload);
    }
  }

  /** A worker has waited long enough: the round ends with what was delivered before this. */
  record Close(String worker, long round) implements ExchangeMessage {}

  /**
   * The outer state at the start of a round, for those who join later; of round 0, what all start
   * from.
   *
   * @param payload the {@link OuterState}
   */
  record State(String worker, long round, long images, List<BlobRef> payload)
      implements ExchangeMessage {
    public State {
      payload = List.copyOf(payload);
    }
  }
}
