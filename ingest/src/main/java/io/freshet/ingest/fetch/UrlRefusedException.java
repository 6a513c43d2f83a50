package io.freshet.ingest.fetch;

import io.freshet.schemas.RejectionReason;

/** A URL that is not one or may not be fetched. Never leaves this package: it becomes a refusal. */
final class UrlRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final RejectionReason reason;

  private UrlRefusedException(RejectionReason reason, String detail) {
    super(detail, null, false, false);
    this.reason = reason;
  }

  static UrlRefusedException invalid(String detail) {
    return new UrlRefusedException(RejectionReason.URL_INVALID, detail);
  }

  static UrlRefusedException forbidden(String detail) {
    return new UrlRefusedException(RejectionReason.URL_FORBIDDEN, detail);
  }

  static UrlRefusedException because(RejectionReason reason, String detail) {
    return new UrlRefusedException(reason, detail);
  }

  RejectionReason reason() {
    return reason;
  }

  FetchResult.Refused toRefusal() {
    return new FetchResult.Refused(reason, getMessage());
  }
}
