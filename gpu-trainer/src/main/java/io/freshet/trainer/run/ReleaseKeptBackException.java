package io.freshet.trainer.run;

/** A model that is ready is not published, for the run shows signs of a collapse. */
final class ReleaseKeptBackException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ReleaseKeptBackException(String model, String alarm) {
    super("%s is not published: %s".formatted(model, alarm));
  }
}
