package io.freshet.dedup.screen;

import io.freshet.dedup.request.Request;
import io.freshet.schemas.DuplicateMethod;
import java.util.Objects;

/** What can be said of a request without looking at pixels. */
public sealed interface Screened {
  Request request();

  /** Like nothing seen before: its embedding decides. */
  record Fresh(Request request) implements Screened {
    public Fresh {
      Objects.requireNonNull(request, "request");
    }
  }

  /**
   * A copy of an earlier image, whose own outcome may still be open.
   *
   * @param of image_id of the earlier image
   * @param method EXACT or HASH
   * @param score EXACT 1; HASH the distance in bits
   */
  record Copy(Request request, String of, DuplicateMethod method, float score) implements Screened {
    public Copy {
      Objects.requireNonNull(request, "request");
      Objects.requireNonNull(of, "of");
      if (method != DuplicateMethod.EXACT && method != DuplicateMethod.HASH) {
        throw new IllegalArgumentException("screening finds EXACT or HASH copies, not " + method);
      }
    }
  }
}
