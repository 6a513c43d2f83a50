package io.freshet.sink.feature;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.config.DataSize;
import io.freshet.platform.flink.JobContext;
import io.freshet.platform.flink.JobMain;
import io.freshet.platform.flink.PartKeys;
import io.freshet.platform.flink.StreamJob;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.schemas.BackfillOrder;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.sink.parquet.FeatureFiles;
import io.freshet.sink.parquet.FeatureRow;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.typeutils.EitherTypeInfo;
import org.apache.flink.streaming.api.datastream.BroadcastStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.types.Either;

/**
 * {@code image.unique} and {@code model.published} to {@code image.feature}: each unique image gets
 * its feature in the space of the model that is champion when its batch is embedded. What {@code
 * image.retracted} and {@code image.revoked} withdraw is erased there in every space and never
 * written again. {@code feature.backfill} has the stored images embedded by a new champion, after
 * what comes live. If asked to, it also writes what the model makes of an image's patches to {@code
 * image.patch_feature}, and the changes of {@code image.feature} to Parquet files.
 */
public final class FeatureJob implements StreamJob {
  private static final TypeInformation<Either<String, UniqueImage>> WITHDRAWN_OR_IMAGE =
      new EitherTypeInfo<>(Types.STRING, JobContext.avro(UniqueImage.class));
  private static final TypeInformation<Either<ModelPublished, BackfillOrder>> MODEL_OR_ORDER =
      new EitherTypeInfo<>(
          JobContext.avro(ModelPublished.class), JobContext.avro(BackfillOrder.class));

  private static final long BESIDE_THE_PATCHES = 4 << 10;

  @Override
  public String name() {
    return "feature-sink";
  }

  @Override
  public void define(JobContext context) {
    FeatureConfig config = context.config().section("features", FeatureConfig.class);
    PartKeys buckets = config.bucketKeys();
    requireRoomForPatches(config.patches(), context.kafka().maxRecord());

    SingleOutputStreamOperator<UniqueImage> permitted =
        context
            .read(Topics.IMAGE_UNIQUE)
            .map(FeatureJob::withoutCopyEmbedding)
            .returns(JobContext.avro(UniqueImage.class))
            .uid("slim")
            .name("slim")
            .keyBy(image -> image.getSource().getImageUrl(), Types.STRING)
            .connect(context.read(Topics.IMAGE_REVOKED).keyBy(Revocation::getTarget, Types.STRING))
            .process(new RevocationGate(), JobContext.avro(UniqueImage.class))
            .uid("revocations")
            .name("revocations");
    DataStream<String> withdrawn =
        context
            .read(Topics.IMAGE_RETRACTED)
            .map(RetractedImage::getImageId, Types.STRING)
            .uid("retractions")
            .name("retractions")
            .union(permitted.getSideOutput(RevocationGate.WITHDRAWN));
    KeyedStream<Either<String, UniqueImage>, Integer> images =
        withdrawn
            .map(Either::<String, UniqueImage>Left, WITHDRAWN_OR_IMAGE)
            .uid("withdrawn")
            .name("withdrawn")
            .union(
                permitted
                    .map(Either::<String, UniqueImage>Right, WITHDRAWN_OR_IMAGE)
                    .uid("permitted")
                    .name("permitted"))
            .keyBy(element -> buckets.keyOf(imageId(element)), Types.INT);
    BroadcastStream<Either<ModelPublished, BackfillOrder>> news =
        context
            .read(Topics.MODEL_PUBLISHED)
            .map(FeatureJob::model, MODEL_OR_ORDER)
            .uid("models")
            .name("models")
            .union(
                context
                    .read(Topics.FEATURE_BACKFILL)
                    .map(FeatureJob::order, MODEL_OR_ORDER)
                    .uid("orders")
                    .name("orders"))
            .broadcast(FeatureOperator.CHAMPION, FeatureOperator.ORDER);

    SingleOutputStreamOperator<Either<String, ImageFeature>> features =
        images
            .connect(news)
            .process(
                new FeatureOperator(
                    config,
                    context.config().section("blobs", BlobConfig.class),
                    context.config().section("registry", RegistryConfig.class)),
                new EitherTypeInfo<>(Types.STRING, JobContext.avro(ImageFeature.class)))
            .uid("embed-in-buckets")
            .name("embed");
    context.writeChanges(features, Topics.IMAGE_FEATURE);
    context.writeChanges(
        features.getSideOutput(FeatureOperator.PATCHES), Topics.IMAGE_PATCH_FEATURE);
    context.write(
        features.getSideOutput(FeatureOperator.PROGRESS), Topics.FEATURE_BACKFILL_PROGRESS);
    // Always in the graph: what the sink left in a checkpoint needs it also when switched off.
    boolean withFiles = config.files().enabled();
    features
        .filter(change -> withFiles)
        .uid("with-files")
        .name("with files")
        .map(FeatureRow::ofChange, TypeInformation.of(FeatureRow.class))
        .uid("rows")
        .name("rows")
        .sinkTo(FeatureFiles.sink(config.files()))
        .uid("sink/feature-files")
        .name("write Parquet files");
  }

  /** Records are a little larger than the elements in them. */
  private static void requireRoomForPatches(PatchConfig patches, DataSize maxRecord) {
    if (!patches.models().isEmpty()
        && patches.maxSize().bytes() + BESIDE_THE_PATCHES > maxRecord.bytes()) {
      throw new IllegalArgumentException(
          "features.patches.max_size is %s, but kafka.max_record is %s and must be larger by 4 KiB"
              .formatted(patches.maxSize(), maxRecord));
    }
  }

  /**
   * Named, because of two references to one generic method Java deserialises the first
   * (JDK-8208752), and the other's elements would be cast to its type.
   */
  private static Either<ModelPublished, BackfillOrder> model(ModelPublished model) {
    return Either.Left(model);
  }

  private static Either<ModelPublished, BackfillOrder> order(BackfillOrder order) {
    return Either.Right(order);
  }

  private static String imageId(Either<String, UniqueImage> element) {
    return element.isLeft() ? element.left() : element.right().getImageId();
  }

  /** Seven kilobytes that a waiting image need not carry. */
  private static UniqueImage withoutCopyEmbedding(UniqueImage image) {
    return UniqueImage.newBuilder(image).setCopyEmbedding(null).build();
  }

  public static void main(String[] args) throws Exception {
    JobMain.run(new FeatureJob(), args);
  }
}
