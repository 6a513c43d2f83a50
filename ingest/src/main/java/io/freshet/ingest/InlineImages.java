package io.freshet.ingest;

import io.freshet.ingest.intake.FetchedImage;
import io.freshet.ingest.intake.ImageRequest;
import io.freshet.ingest.text.Bodies;
import io.freshet.ingest.text.BoundedText;
import io.freshet.platform.flink.RequestId;
import io.freshet.schemas.CrawledImage;
import io.freshet.schemas.Origin;
import io.freshet.schemas.RejectedImage;
import java.time.Clock;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.types.Either;

/** An image whose bytes came with the crawl: a request that is fetched already. */
final class InlineImages
    implements MapFunction<Tuple2<Origin, CrawledImage>, Either<RejectedImage, FetchedImage>> {
  private static final long serialVersionUID = 1L;

  private final int maxAltBytes;
  private final Clock clock;

  InlineImages(int maxAltBytes, Clock clock) {
    this.maxAltBytes = maxAltBytes;
    this.clock = clock;
  }

  @Override
  public Either<RejectedImage, FetchedImage> map(Tuple2<Origin, CrawledImage> located) {
    Origin origin = located.f0;
    CrawledImage image = located.f1;
    String alt = image.getAltText();
    ImageRequest request =
        new ImageRequest(
            RequestId.of(origin),
            "",
            image.getImageUrl(),
            image.getPageUrl(),
            alt == null ? null : BoundedText.cut(alt, maxAltBytes),
            origin.getTopic(),
            origin.getPartition(),
            origin.getOffset(),
            clock.instant());
    return Either.Right(
        new FetchedImage(request, Bodies.of(image.getBody()), image.getFetchedAt()));
  }
}
