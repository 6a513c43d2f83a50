package io.freshet.sink.feature;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.flink.JobContext;
import io.freshet.platform.flink.JobMain;
import io.freshet.platform.flink.StreamJob;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.BroadcastStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * {@code image.unique} and {@code model.published} to {@code image.feature}: each unique image gets
 * its feature in the space of the model that is champion when its batch is embedded.
 */
public final class FeatureJob implements StreamJob {
  @Override
  public String name() {
    return "feature-sink";
  }

  @Override
  public void define(JobContext context) {
    FeatureConfig config = context.config().section("features", FeatureConfig.class);
    int buckets = config.buckets();

    KeyedStream<UniqueImage, Integer> images =
        context
            .read(Topics.IMAGE_UNIQUE)
            .map(FeatureJob::withoutCopyEmbedding)
            .returns(JobContext.avro(UniqueImage.class))
            .uid("slim")
            .name("slim")
            .keyBy(image -> Math.floorMod(image.getImageId().hashCode(), buckets), Types.INT);
    BroadcastStream<ModelPublished> models =
        context.read(Topics.MODEL_PUBLISHED).broadcast(FeatureOperator.CHAMPION);

    SingleOutputStreamOperator<ImageFeature> features =
        images
            .connect(models)
            .process(
                new FeatureOperator(
                    config,
                    context.config().section("blobs", BlobConfig.class),
                    context.config().section("registry", RegistryConfig.class)),
                JobContext.avro(ImageFeature.class))
            .uid("embed")
            .name("embed");
    context.write(features, Topics.IMAGE_FEATURE);
  }

  /** Seven kilobytes that a waiting image need not carry. */
  private static UniqueImage withoutCopyEmbedding(UniqueImage image) {
    return UniqueImage.newBuilder(image).setCopyEmbedding(null).build();
  }

  public static void main(String[] args) throws Exception {
    JobMain.run(new FeatureJob(), args);
  }
}
