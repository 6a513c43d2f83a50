package io.freshet.dedup.embed;

import io.freshet.dedup.request.Request;
import io.freshet.schemas.RejectionReason;
import java.util.List;
import java.util.Objects;

/** What became of a request's pixels. */
public sealed interface Embedding {
  Request request();

  /**
   * @param spaceId the space of the vector
   * @param vector of unit length; not changed after construction
   * @param hashes of the same pixels, as {@link PixelHash#all} takes them; not changed after
   *     construction
   */
  record Embedded(Request request, String spaceId, float[] vector, List<PixelHash> hashes)
      implements Embedding {
    public Embedded {
      Objects.requireNonNull(request, "request");
      Objects.requireNonNull(spaceId, "spaceId");
      Objects.requireNonNull(vector, "vector");
      Objects.requireNonNull(hashes, "hashes");
    }
  }

  /** The stored bytes are not the image any more; the request is refused. */
  record Unreadable(Request request, RejectionReason reason, String detail) implements Embedding {
    public Unreadable {
      Objects.requireNonNull(request, "request");
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(detail, "detail");
    }
  }
}
