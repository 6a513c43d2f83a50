package io.freshet.ingest;

import io.freshet.ingest.intake.FetchedImage;
import io.freshet.ingest.intake.ImageRequest;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.config.ConfigException;
import io.freshet.platform.flink.JobContext;
import io.freshet.platform.flink.JobMain;
import io.freshet.platform.flink.StreamJob;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.EitherTypeInfo;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.types.Either;

/**
 * The stage from a crawl to canonical images: every image that a page of {@code crawl.pages} shows
 * and every record of {@code crawl.images} ends in {@code image.ingested} or, with its reason, in
 * {@code image.rejected}; each exactly once for read_committed readers.
 */
public final class IngestJob implements StreamJob {
  private static final TypeInformation<ImageRequest> REQUEST =
      TypeInformation.of(ImageRequest.class);
  static final TypeInformation<Either<RejectedImage, FetchedImage>> ANSWER =
      new EitherTypeInfo<>(
          JobContext.avro(RejectedImage.class), TypeInformation.of(FetchedImage.class));

  private final Clock clock;

  public IngestJob() {
    // Records tell microseconds.
    this(Clock.tick(Clock.systemUTC(), Duration.ofNanos(1_000)));
  }

  /**
   * @param clock serializable, operators carry it
   */
  IngestJob(Clock clock) {
    this.clock = clock;
  }

  public static void main(String[] args) throws Exception {
    JobMain.run(new IngestJob(), args);
  }

  @Override
  public String name() {
    return "ingest";
  }

  @Override
  public void define(JobContext context) {
    IngestConfig config = context.config().section("ingest", IngestConfig.class);
    BlobConfig blobs = context.config().section("blobs", BlobConfig.class);
    requireRoom(config, blobs);

    DataStream<ImageRequest> requests = requests(context, config);
    takeIn(context, fetch(requests, config), "fetched", config, blobs);
    takeIn(context, inline(context, config), "crawled", config, blobs);
  }

  private DataStream<ImageRequest> requests(JobContext context, IngestConfig config) {
    SingleOutputStreamOperator<ImageRequest> requests =
        context
            .readWithOrigin(Topics.CRAWL_PAGES)
            .process(new PageRequests(config.html(), config.urls(), clock))
            .returns(REQUEST)
            .name("images of a page")
            .uid("page-requests");
    context.reject(requests.getSideOutput(PageRequests.REFUSED));
    return requests;
  }

  /** One host is fetched from by one subtask, so its limits hold for the whole job. */
  private DataStream<Either<RejectedImage, FetchedImage>> fetch(
      DataStream<ImageRequest> requests, IngestConfig config) {
    FetchImages fetch = new FetchImages(config.urls(), config.fetch(), clock);
    return AsyncDataStream.unorderedWait(
            requests.partitionCustom(new HostPartitioner(), ImageRequest::host),
            fetch,
            fetch.operatorTimeout().toMillis(),
            TimeUnit.MILLISECONDS,
            config.fetch().load().inFlight())
        .returns(ANSWER)
        .name("fetch")
        .uid("fetch");
  }

  private DataStream<Either<RejectedImage, FetchedImage>> inline(
      JobContext context, IngestConfig config) {
    return context
        .readWithOrigin(Topics.CRAWL_IMAGES)
        .map(new InlineImages(config.html().maxAltBytes(), clock))
        .returns(ANSWER)
        .name("images of the crawl")
        .uid("inline-images");
  }

  private void takeIn(
      JobContext context,
      DataStream<Either<RejectedImage, FetchedImage>> answers,
      String path,
      IngestConfig config,
      BlobConfig blobs) {
    SingleOutputStreamOperator<IngestedImage> images =
        answers
            .process(
                new TakeIn(
                    name() + "-" + path,
                    blobs,
                    config.decode().limits(),
                    config.pcaHashModel().orElse(""),
                    clock))
            .returns(JobContext.avro(IngestedImage.class))
            .name("take in " + path)
            .uid("take-in/" + path);
    context.write(images, Topics.IMAGE_INGESTED);
    context.reject(images.getSideOutput(TakeIn.REFUSED));
  }

  /** An image that no shard can hold would stop the job at every restart. */
  private static void requireRoom(IngestConfig config, BlobConfig blobs) {
    long largest = config.decode().maxCanonicalBytes();
    if (largest + 4096 > blobs.shardMaxSize().bytes()) {
      throw new ConfigException(
          "an image of ingest.decode.max_pixels = %d may take %d bytes, but blobs.shard_max_size is %d;"
                  .formatted(config.decode().maxPixels(), largest, blobs.shardMaxSize().bytes())
              + " raise the one or lower the other");
    }
  }
}
