package io.freshet.vision.image;

import java.io.Serial;

/** A body that gives no image. It is a property of the bytes, so a retry gives the same answer. */
public final class ImageRejectedException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    BODY_EMPTY,
    BODY_TOO_LARGE,
    FORMAT_UNSUPPORTED,
    TRUNCATED,
    CORRUPT,
    TOO_MANY_PIXELS,
    TOO_SMALL,
    DECODE_TIMEOUT
  }

  private final Reason reason;

  /**
   * @param detail what, value and limit, for people; holds no bytes of the body
   */
  public ImageRejectedException(Reason reason, String detail) {
    super(detail);
    this.reason = reason;
  }

  ImageRejectedException(Reason reason, String detail, Throwable cause) {
    super(detail, cause);
    this.reason = reason;
  }

  static ImageRejectedException truncated(String detail) {
    return new ImageRejectedException(Reason.TRUNCATED, detail);
  }

  static ImageRejectedException corrupt(String detail) {
    return new ImageRejectedException(Reason.CORRUPT, detail);
  }

  static ImageRejectedException unsupported(String detail) {
    return new ImageRejectedException(Reason.FORMAT_UNSUPPORTED, detail);
  }

  public Reason reason() {
    return reason;
  }

  /** What, value and limit, for people. */
  public String detail() {
    return getMessage();
  }
}
