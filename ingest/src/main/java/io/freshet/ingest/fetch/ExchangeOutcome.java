package io.freshet.ingest.fetch;

import io.freshet.schemas.RejectionReason;

/** How one request to one address ended. */
sealed interface ExchangeOutcome {

  /** What may help against a failure. */
  enum Hope {
    NONE,
    /** The same request, after a pause. */
    LATER,
    /** Another address of the host at once, or the same request after a pause. */
    OTHER_ADDRESS
  }

  /** A whole body, content encoding undone, not empty. */
  record Body(byte[] bytes) implements ExchangeOutcome {}

  /**
   * @param location as the server wrote it
   */
  record Redirect(int status, String location) implements ExchangeOutcome {}

  /**
   * @param hope whether another try has a chance
   */
  record Failure(RejectionReason reason, String detail, Hope hope) implements ExchangeOutcome {
    static Failure lasting(RejectionReason reason, String detail) {
      return new Failure(reason, detail, Hope.NONE);
    }

    static Failure passing(RejectionReason reason, String detail) {
      return new Failure(reason, detail, Hope.LATER);
    }
  }
}
