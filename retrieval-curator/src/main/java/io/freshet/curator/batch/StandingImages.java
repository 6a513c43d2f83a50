package io.freshet.curator.batch;

import io.freshet.platform.config.Config;
import io.freshet.platform.flink.BoundedResults;
import io.freshet.platform.flink.BoundedTopics;
import io.freshet.platform.flink.JobContext;
import io.freshet.platform.flink.JobException;
import io.freshet.schemas.ImageId;
import io.freshet.schemas.Origin;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Map;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichCoGroupFunction;
import org.apache.flink.api.common.operators.Order;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.typeutils.EitherTypeInfo;
import org.apache.flink.api.java.typeutils.TupleTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.windowing.assigners.GlobalWindows;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;

/**
 * The images that stand: {@code image.unique} up to the end that it has now, less what {@code
 * image.retracted} and {@code image.revoked} withdraw, each image once, in the order in which dedup
 * decided on them (of one microsecond by image id). What can't be decoded comes first.
 *
 * <p>The order is a function of what the topics hold, however they are partitioned. Records are
 * joined and sorted on disk by a Flink job in batch mode: memory doesn't grow with the topics. As
 * in the feature job, a revoked URL withdraws the images whose own record names it letter by
 * letter.
 *
 * <p>One owner thread, which closes it.
 */
public final class StandingImages implements Iterator<FoundImage>, AutoCloseable {
  private static final TypeInformation<Tuple2<Origin, UniqueImage>> IMAGE =
      new TupleTypeInfo<>(JobContext.avro(Origin.class), JobContext.avro(UniqueImage.class));
  private static final TypeInformation<Either<RejectedImage, Tuple2<Origin, UniqueImage>>> FOUND =
      new EitherTypeInfo<>(JobContext.avro(RejectedImage.class), IMAGE);

  private static final String STANDING = "standing";
  private static final String WITHDRAWN = "withdrawn";
  private static final String REPEATED = "repeated";

  private final BoundedTopics topics;
  private final BoundedResults<Either<RejectedImage, Tuple2<Origin, UniqueImage>>> found;
  private long given;

  /**
   * What became of the records of {@code image.unique} that can be decoded. Complete once there is
   * a first image.
   *
   * @param standing images
   * @param withdrawn records of images that were retracted or revoked
   * @param repeated records of images that stand already, which are passed over
   */
  public record Counts(long standing, long withdrawn, long repeated) {}

  private StandingImages(
      BoundedTopics topics,
      BoundedResults<Either<RejectedImage, Tuple2<Origin, UniqueImage>>> found) {
    this.topics = topics;
    this.found = found;
  }

  /**
   * Begins to read; the first image is there when the topics were read to their ends.
   *
   * @param spaceId images bring the vectors that they carry in this space, others none
   */
  public static StandingImages read(Config config, String spaceId) {
    BoundedTopics topics = BoundedTopics.open("curate-batch", config);
    try {
      return new StandingImages(topics, topics.run(define(topics, spaceId)));
    } catch (RuntimeException e) {
      topics.close();
      throw e;
    }
  }

  /**
   *
   *
   * <pre>
   *  unique -> less revoked URLs -> less withdrawn ids, each once -> in order
   * </pre>
   */
  private static DataStream<Either<RejectedImage, Tuple2<Origin, UniqueImage>>> define(
      BoundedTopics topics, String spaceId) {
    DataStream<Tuple2<Origin, UniqueImage>> unique =
        topics
            .read(Topics.IMAGE_UNIQUE)
            .map(located -> Tuple2.of(located.f0, inSpace(located.f1, spaceId)), IMAGE)
            .name("vectors of the space");
    DataStream<String> revoked =
        topics
            .read(Topics.IMAGE_REVOKED)
            .map(located -> target(located.f1), Types.STRING)
            .name("revoked");
    DataStream<String> retracted =
        topics
            .read(Topics.IMAGE_RETRACTED)
            .map(located -> imageId(located.f1), Types.STRING)
            .name("retracted");

    DataStream<Tuple2<Origin, UniqueImage>> permitted =
        unique
            .coGroup(revoked)
            .where(located -> located.f1.getSource().getImageUrl(), Types.STRING)
            .equalTo(url -> url, Types.STRING)
            .window(GlobalWindows.createWithEndOfStreamTrigger())
            .apply(new NotRevoked(), IMAGE);
    DataStream<Tuple2<Origin, UniqueImage>> standing =
        permitted
            .coGroup(retracted.union(revoked.filter(ImageId::is)))
            .where(located -> located.f1.getImageId(), Types.STRING)
            .equalTo(id -> id, Types.STRING)
            .window(GlobalWindows.createWithEndOfStreamTrigger())
            .apply(new FirstNotWithdrawn(), IMAGE);
    return topics
        .unreadable()
        .map(Either::<RejectedImage, Tuple2<Origin, UniqueImage>>Left, FOUND)
        .union(standing.map(StandingImages::found, FOUND))
        .map(found -> found, FOUND)
        .setParallelism(1)
        .name("found")
        .fullWindowPartition()
        .sortPartition(new ByDecision(), Order.ASCENDING);
  }

  /** Named: of two references to one generic method Java deserialises the first (JDK-8208752). */
  private static Either<RejectedImage, Tuple2<Origin, UniqueImage>> found(
      Tuple2<Origin, UniqueImage> image) {
    return Either.Right(image);
  }

  private static String target(Revocation revocation) {
    return revocation.getTarget();
  }

  private static String imageId(RetractedImage image) {
    return image.getImageId();
  }

  private static UniqueImage inSpace(UniqueImage image, String spaceId) {
    return image.getCopyEmbedding() == null || image.getCopyEmbedding().getSpaceId().equals(spaceId)
        ? image
        : UniqueImage.newBuilder(image).setCopyEmbedding(null).build();
  }

  /**
   * What is undecodable before everything else. A text, since Flink sorts by the first field of a
   * composite key only.
   */
  private static final class ByDecision
      implements KeySelector<Either<RejectedImage, Tuple2<Origin, UniqueImage>>, String> {
    private static final long serialVersionUID = 1L;

    @Override
    public String getKey(Either<RejectedImage, Tuple2<Origin, UniqueImage>> found) {
      if (found.isLeft()) {
        return " " + found.left().getRequestId();
      }
      UniqueImage image = found.right().f1;
      return sortable(image.getDecidedAt()) + image.getImageId();
    }

    /** 16 digits in the order of the times. */
    private static String sortable(Instant at) {
      long micros = ChronoUnit.MICROS.between(Instant.EPOCH, at);
      return HexFormat.of().toHexDigits(micros ^ Long.MIN_VALUE);
    }
  }

  /** Images whose URL is not among the revoked. */
  private static final class NotRevoked
      extends RichCoGroupFunction<
          Tuple2<Origin, UniqueImage>, String, Tuple2<Origin, UniqueImage>> {
    private static final long serialVersionUID = 1L;

    private final LongCounter withdrawn = new LongCounter();

    @Override
    public void open(OpenContext context) {
      getRuntimeContext().addAccumulator(WITHDRAWN + " by URL", withdrawn);
    }

    @Override
    public void coGroup(
        Iterable<Tuple2<Origin, UniqueImage>> images,
        Iterable<String> revoked,
        Collector<Tuple2<Origin, UniqueImage>> out) {
      boolean gone = revoked.iterator().hasNext();
      for (Tuple2<Origin, UniqueImage> image : images) {
        if (gone) {
          withdrawn.add(1);
        } else {
          out.collect(image);
        }
      }
    }
  }

  /** The first record of each image that is not among the withdrawn. */
  private static final class FirstNotWithdrawn
      extends RichCoGroupFunction<
          Tuple2<Origin, UniqueImage>, String, Tuple2<Origin, UniqueImage>> {
    private static final long serialVersionUID = 1L;
    private static final Comparator<Tuple2<Origin, UniqueImage>> FIRST =
        Comparator.comparing((Tuple2<Origin, UniqueImage> located) -> located.f1.getDecidedAt())
            .thenComparing(located -> located.f0.getPartition())
            .thenComparing(located -> located.f0.getOffset());

    private final LongCounter standing = new LongCounter();
    private final LongCounter withdrawn = new LongCounter();
    private final LongCounter repeated = new LongCounter();

    @Override
    public void open(OpenContext context) {
      getRuntimeContext().addAccumulator(STANDING, standing);
      getRuntimeContext().addAccumulator(WITHDRAWN, withdrawn);
      getRuntimeContext().addAccumulator(REPEATED, repeated);
    }

    @Override
    public void coGroup(
        Iterable<Tuple2<Origin, UniqueImage>> records,
        Iterable<String> withdrawals,
        Collector<Tuple2<Origin, UniqueImage>> out) {
      Tuple2<Origin, UniqueImage> first = null;
      long count = 0;
      for (Tuple2<Origin, UniqueImage> located : records) {
        count++;
        if (first == null || FIRST.compare(located, first) < 0) {
          first = located;
        }
      }
      if (withdrawals.iterator().hasNext()) {
        withdrawn.add(count);
      } else if (first != null) {
        standing.add(1);
        repeated.add(count - 1);
        out.collect(first);
      }
    }
  }

  /**
   * Waits until the topics were read.
   *
   * @throws JobException when they can't be
   */
  @Override
  public boolean hasNext() {
    boolean next = found.hasNext();
    if (!next) {
      requireAllGiven();
    }
    return next;
  }

  private void requireAllGiven() {
    long standing = found.counts().getOrDefault(STANDING, 0L);
    if (given != standing) {
      throw new IllegalStateException(
          "%,d of %,d images came from the job that read the topics; run it again"
              .formatted(given, standing));
    }
  }

  @Override
  public FoundImage next() {
    Either<RejectedImage, Tuple2<Origin, UniqueImage>> next = found.next();
    if (next.isLeft()) {
      return new FoundImage.Unreadable(next.left());
    }
    given++;
    return new FoundImage.Standing(next.right().f0, next.right().f1);
  }

  /** Waits for the first image; then it is complete. */
  public Counts counts() {
    boolean unused = hasNext();
    Map<String, Long> counts = found.counts();
    return new Counts(
        counts.getOrDefault(STANDING, 0L),
        counts.getOrDefault(WITHDRAWN, 0L) + counts.getOrDefault(WITHDRAWN + " by URL", 0L),
        counts.getOrDefault(REPEATED, 0L));
  }

  @Override
  public void close() {
    try (topics) {
      found.close();
    }
  }
}
