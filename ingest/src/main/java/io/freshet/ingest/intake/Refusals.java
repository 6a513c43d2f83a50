package io.freshet.ingest.intake;

import io.freshet.ingest.text.BoundedText;
import io.freshet.schemas.Origin;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import java.time.Clock;

/** Writes refusals of this stage. */
public final class Refusals {
  private static final String STAGE = "ingest";
  private static final int MAX_DETAIL_BYTES = 1024;

  private final Clock clock;

  public Refusals(Clock clock) {
    this.clock = clock;
  }

  /**
   * @param detail what, value, limit, remedy; cut to 1 KiB
   */
  public RejectedImage of(ImageRequest request, RejectionReason reason, String detail) {
    return of(request.requestId(), request.imageUrl(), request.origin(), reason, detail);
  }

  /** As {@link #of(ImageRequest, RejectionReason, String)} when there is no request yet. */
  public RejectedImage of(
      String requestId, String url, Origin origin, RejectionReason reason, String detail) {
    return new RejectedImage(
        requestId,
        url,
        STAGE,
        reason,
        BoundedText.cut(detail, MAX_DETAIL_BYTES),
        origin,
        clock.instant());
  }
}
