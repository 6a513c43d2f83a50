package io.freshet.sink.tally;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * An image on the wall: what it is and why it is there. Fields that a verdict has not are null.
 *
 * @param keptImageId the image or seed it is shown beside
 */
@JsonNaming(SnakeCaseStrategy.class)
public record RecentImage(
    String imageId,
    String keptImageId,
    String url,
    String pageUrl,
    String altText,
    String method,
    Double score,
    String dataset,
    Double similarity,
    String reason,
    String detail) {

  /** The walls. */
  public enum Verdict {
    UNIQUE,
    DUPLICATE,
    CURATED,
    REJECTED
  }
}
