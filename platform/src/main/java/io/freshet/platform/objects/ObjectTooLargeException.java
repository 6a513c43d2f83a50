package io.freshet.platform.objects;

import java.io.IOException;

/** An object has more bytes than whoever reads it accepts. */
public final class ObjectTooLargeException extends IOException {
  private static final long serialVersionUID = 1L;

  ObjectTooLargeException(String place, long bytes, int maxBytes) {
    super("%s has %,d bytes, the limit is %,d".formatted(place, bytes, maxBytes));
  }
}
