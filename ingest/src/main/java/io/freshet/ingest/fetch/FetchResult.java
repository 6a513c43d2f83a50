package io.freshet.ingest.fetch;

import io.freshet.schemas.RejectionReason;
import java.time.Instant;
import java.util.Objects;

/** How the fetch of one image ended. */
public sealed interface FetchResult {

  /**
   * @param body what the server sent, content encoding undone; never empty
   * @param finalUrl where the last redirect led
   * @param hops redirects followed
   */
  record Fetched(byte[] body, WebUrl finalUrl, int hops, Instant at) implements FetchResult {
    public Fetched {
      if (body.length == 0) {
        throw new IllegalArgumentException("an empty body is a refusal");
      }
    }
  }

  /**
   * @param detail what, value, limit, remedy
   */
  record Refused(RejectionReason reason, String detail) implements FetchResult {
    public Refused {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(detail, "detail");
    }
  }
}
