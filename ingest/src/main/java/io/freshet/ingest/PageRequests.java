package io.freshet.ingest;

import io.freshet.ingest.fetch.UrlConfig;
import io.freshet.ingest.fetch.UrlPolicy;
import io.freshet.ingest.html.HtmlConfig;
import io.freshet.ingest.html.ImageLink;
import io.freshet.ingest.html.ImageLinkExtractor;
import io.freshet.ingest.html.PageImages;
import io.freshet.ingest.intake.ImageRequest;
import io.freshet.ingest.intake.Refusals;
import io.freshet.ingest.text.Bodies;
import io.freshet.platform.flink.JobContext;
import io.freshet.platform.flink.RequestId;
import io.freshet.schemas.CrawledPage;
import io.freshet.schemas.Origin;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a page to one request per image it shows, in document order. A page that was not answered
 * with 200, is no HTML or shows no image asks for nothing and leaves nothing behind but a count.
 */
final class PageRequests extends ProcessFunction<Tuple2<Origin, CrawledPage>, ImageRequest> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(PageRequests.class);
  private static final int SNIFFED_BYTES = 512;

  /** Pages on which the extraction itself failed. */
  static final OutputTag<RejectedImage> REFUSED =
      new OutputTag<>("refused-page", JobContext.avro(RejectedImage.class));

  private final HtmlConfig html;
  private final UrlConfig urls;
  private final Clock clock;
  private transient ImageLinkExtractor extractor;
  private transient UrlPolicy policy;
  private transient Counter pagesWithoutImages;
  private transient Counter imagesBeyondLimit;

  PageRequests(HtmlConfig html, UrlConfig urls, Clock clock) {
    this.html = html;
    this.urls = urls;
    this.clock = clock;
  }

  @Override
  public void open(OpenContext context) {
    extractor = new ImageLinkExtractor(html);
    policy = new UrlPolicy(urls);
    pagesWithoutImages = getRuntimeContext().getMetricGroup().counter("pages_without_images");
    imagesBeyondLimit = getRuntimeContext().getMetricGroup().counter("images_beyond_limit");
  }

  @Override
  public void processElement(
      Tuple2<Origin, CrawledPage> located, Context context, Collector<ImageRequest> out) {
    CrawledPage page = located.f1;
    PageImages images;
    try {
      images = isHtml(page) ? extract(page) : PageImages.NONE;
    } catch (RuntimeException e) {
      // A defect here, found by the page of a stranger: it costs this page, not the job.
      LOG.error("page {} at {} failed unexpectedly", page.getUrl(), located.f0, e);
      context.output(
          REFUSED,
          new Refusals(clock)
              .of(
                  RequestId.of(located.f0),
                  page.getUrl(),
                  located.f0,
                  RejectionReason.INTERNAL,
                  "the page's images can't be told, unexpected failure: " + e));
      return;
    }
    imagesBeyondLimit.inc(images.beyondLimit());
    if (images.links().isEmpty()) {
      pagesWithoutImages.inc();
    }
    for (int i = 0; i < images.links().size(); i++) {
      out.collect(request(located.f0, page, i, images.links().get(i)));
    }
  }

  private PageImages extract(CrawledPage page) {
    return extractor.extract(page.getUrl(), contentType(page), Bodies.of(page.getBody()));
  }

  private ImageRequest request(Origin origin, CrawledPage page, int index, ImageLink link) {
    // One character too many is enough to be refused, and keeps a megabyte out of the refusal.
    String url = link.url().substring(0, Math.min(link.url().length(), urls.maxChars() + 1));
    return new ImageRequest(
        RequestId.of(origin, index),
        policy.hostOf(url).orElse(""),
        url,
        page.getUrl(),
        link.altText().orElse(null),
        origin.getTopic(),
        origin.getPartition(),
        origin.getOffset(),
        clock.instant());
  }

  private static Optional<String> contentType(CrawledPage page) {
    return Optional.ofNullable(page.getContentType())
        .or(() -> Optional.ofNullable(page.getHeaders().get("content-type")));
  }

  private static boolean isHtml(CrawledPage page) {
    return page.getHttpStatus() == 200
        && contentType(page)
            .map(type -> type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
            .map(type -> type.equals("text/html") || type.equals("application/xhtml+xml"))
            .orElseGet(() -> startsLikeHtml(Bodies.prefix(page.getBody(), SNIFFED_BYTES)));
  }

  private static boolean startsLikeHtml(String start) {
    String text =
        start.replaceFirst("^\u00ef\u00bb\u00bf", "").stripLeading().toLowerCase(Locale.ROOT);
    return text.startsWith("<!doctype html")
        || text.startsWith("<html")
        || text.startsWith("<head");
  }
}
