package io.freshet.ingest.intake;

import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.RejectedImage;

/** What became of the bytes of a request. */
public sealed interface IntakeOutcome {

  /** An image whose canonical form was appended to the shard. */
  record Accepted(IngestedImage image) implements IntakeOutcome {}

  /** Bytes that give no image within the limits. */
  record Refused(RejectedImage refusal) implements IntakeOutcome {}
}
