package io.freshet.platform.flink;

import io.freshet.schemas.CrawledImage;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.RetractionCause;
import io.freshet.schemas.Topic;
import io.freshet.schemas.Topics;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Keeps the first image of each URL in keyed RocksDB state and writes it to {@code out}, so a lost
 * record shows as a gap, lost state as a second record.
 */
record KeepFirstJob(String name, Topic<RetractedImage> out, String poisonUrl) implements StreamJob {
  /** Failures that the poison URL has caused in this JVM. */
  static final AtomicInteger FAILURES = new AtomicInteger();

  KeepFirstJob(String name) {
    this(name, Topics.IMAGE_RETRACTED, "");
  }

  /** A topic for the output of one job among several. */
  static Topic<RetractedImage> output(String job) {
    return new Topic<>(
        "out." + job,
        RetractedImage.class,
        RetractedImage::getImageId,
        Topic.Cleanup.DELETE,
        Optional.empty());
  }

  @Override
  public void define(JobContext context) {
    context.write(
        context
            .read(Topics.CRAWL_IMAGES)
            .keyBy(CrawledImage::getImageUrl, Types.STRING)
            .process(new KeepFirst(poisonUrl))
            .uid("keep-first"),
        out);
  }

  private static final class KeepFirst
      extends KeyedProcessFunction<String, CrawledImage, RetractedImage> {
    private static final long serialVersionUID = 1L;
    private final String poisonUrl;
    private transient ValueState<CrawledImage> first;

    KeepFirst(String poisonUrl) {
      this.poisonUrl = poisonUrl;
    }

    @Override
    public void open(OpenContext context) {
      first =
          getRuntimeContext()
              .getState(new ValueStateDescriptor<>("first", JobContext.avro(CrawledImage.class)));
    }

    @Override
    public void processElement(CrawledImage image, Context context, Collector<RetractedImage> out)
        throws Exception {
      if (image.getImageUrl().equals(poisonUrl) && FAILURES.getAndIncrement() == 0) {
        throw new IllegalStateException("injected failure at " + poisonUrl);
      }
      if (first.value() == null) {
        first.update(image);
        out.collect(
            RetractedImage.newBuilder()
                .setImageId(image.getImageUrl())
                .setKeptImageId(image.getPageUrl())
                .setCause(RetractionCause.MERGED)
                .setAt(image.getFetchedAt())
                .build());
      }
    }
  }
}
