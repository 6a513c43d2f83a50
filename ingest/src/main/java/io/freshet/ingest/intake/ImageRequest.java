package io.freshet.ingest.intake;

import io.freshet.schemas.Origin;
import io.freshet.schemas.SourceUrls;
import java.time.Instant;
import java.util.Objects;
import javax.annotation.Nullable;

/**
 * One image that the crawl asked for, on its way through this job. Flat, because it is kept in
 * checkpoints.
 *
 * @param requestId the same after a replay
 * @param host lower-case host that is asked first, empty when the URL is refused anyway
 * @param imageUrl not vetted
 * @param topic where the crawl's record lies, with {@code partition} and {@code offset}
 * @param requestedAt when this job took it up first
 */
public record ImageRequest(
    String requestId,
    String host,
    String imageUrl,
    @Nullable String pageUrl,
    @Nullable String altText,
    String topic,
    int partition,
    long offset,
    Instant requestedAt) {
  public ImageRequest {
    Objects.requireNonNull(requestId, "requestId");
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(imageUrl, "imageUrl");
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(requestedAt, "requestedAt");
  }

  Origin origin() {
    return new Origin(topic, partition, offset);
  }

  SourceUrls source() {
    return new SourceUrls(imageUrl, pageUrl, altText);
  }
}
