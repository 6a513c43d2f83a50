package io.freshet.vision.torch;

/**
 * The native runtime could not start, a script did not compile, or a method failed. The message
 * keeps the native trace.
 */
public final class TorchRuntimeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public TorchRuntimeException(String message) {
    super(message);
  }

  public TorchRuntimeException(String message, Throwable cause) {
    super(message, cause);
  }
}
