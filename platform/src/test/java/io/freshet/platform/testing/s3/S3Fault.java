package io.freshet.platform.testing.s3;

/** How a request fails. */
public enum S3Fault {
  /** The connection breaks before the request takes effect. */
  LOST_REQUEST(false, 0),
  /** The request takes effect, then the connection breaks. */
  LOST_ANSWER(true, 0),
  /** Half of the answer's body arrives. */
  TRUNCATED(true, 0),
  SLOW_DOWN(false, 503),
  INTERNAL_ERROR(false, 500),
  /** The request takes effect although the answer says that it failed. */
  FALSE_INTERNAL_ERROR(true, 500),
  ACCESS_DENIED(false, 403);

  final boolean takesEffect;
  final int status;

  S3Fault(boolean takesEffect, int status) {
    this.takesEffect = takesEffect;
    this.status = status;
  }
}
