package io.freshet.dedup.settle;

import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.request.Request;
import io.freshet.schemas.DuplicateMethod;
import java.util.Optional;

/** How a request for an image that was admitted ends. Each gets exactly one. */
public sealed interface Outcome {
  Request request();

  /** The first of its component. */
  record Unique(Embedded embedded) implements Outcome {
    @Override
    public Request request() {
      return embedded.request();
    }
  }

  /**
   * @param keptImageId the component's first image, or the benchmark that it holds; it also names
   *     the component
   * @param score of the pair that tied the request to the component: bits where no space is named,
   *     else a cosine
   * @param threshold that the score met
   * @param spaceId space of the compared vectors, where vectors were
   * @param evidenceImageId the other image of that pair, which may be another than the one that is
   *     kept, or a benchmark; none for the same pixels
   */
  record Duplicate(
      Request request,
      String keptImageId,
      DuplicateMethod method,
      float score,
      float threshold,
      Optional<String> spaceId,
      Optional<String> evidenceImageId)
      implements Outcome {}
}
