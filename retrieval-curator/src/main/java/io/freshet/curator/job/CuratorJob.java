package io.freshet.curator.job;

import io.freshet.curator.CuratorConfig;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.flink.JobContext;
import io.freshet.platform.flink.JobMain;
import io.freshet.platform.flink.StreamJob;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import java.time.InstantSource;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * {@code image.unique} and {@code seed.registered} to {@code image.curated}, {@code image.passed}
 * and {@code curation.window}: windows of unique images, each curated as a batch.
 *
 * <pre>
 *  unique -> embed (parallel) -> window -> curated, passed, a report a window
 *  seeds registered and withdrawn --^
 *  images retracted and revoked ----^
 * </pre>
 */
public final class CuratorJob implements StreamJob {
  /** All images meet in one window: the nearest of a window can't be known to a part of it. */
  private static final int THE_WINDOW = 0;

  @Override
  public String name() {
    return "retrieval-curator";
  }

  @Override
  public void define(JobContext context) {
    CuratorConfig config = context.config().section("curator", CuratorConfig.class);
    KafkaConfig kafka = context.kafka();
    BlobConfig blobs = context.config().section("blobs", BlobConfig.class);
    RegistryConfig registry = context.config().section("registry", RegistryConfig.class);

    DataStream<UniqueImage> images =
        context
            .read(Topics.IMAGE_UNIQUE)
            .rebalance()
            .transform(
                "embed",
                JobContext.avro(UniqueImage.class),
                new ImageEmbedOperator(config, blobs, registry))
            .uid("embed");
    SingleOutputStreamOperator<CuratedImage> curated =
        images
            .keyBy(image -> THE_WINDOW, Types.INT)
            .connect(changes(context).keyBy(change -> THE_WINDOW, Types.INT))
            .process(
                new WindowOperator(
                    config,
                    () ->
                        new CurationEmbedder(
                            blobs, registry, config.embedBatch(), InstantSource.system()),
                    () -> SeedTopic.registered(kafka)),
                JobContext.avro(CuratedImage.class))
            .uid("window")
            .name("window");
    context.write(curated, Topics.IMAGE_CURATED);
    context.write(curated.getSideOutput(WindowOperator.PASSED), Topics.IMAGE_PASSED);
    context.write(curated.getSideOutput(WindowOperator.REPORTS), Topics.CURATION_WINDOW);
  }

  /** Seeds that come and go, and images that must not be curated. */
  private static DataStream<WindowChange> changes(JobContext context) {
    DataStream<WindowChange> registered =
        context
            .readWithOrigin(Topics.SEED_REGISTERED)
            .filter(seed -> seed.f1.getRole() == SeedRole.SEED)
            .uid("seeds-that-attract")
            .name("seeds that attract")
            .map(seed -> WindowChange.registered(seed.f0, seed.f1), WindowChange.TYPE)
            .uid("seed-registered")
            .name("seed registered");
    DataStream<WindowChange> withdrawn =
        context
            .readErased(Topics.SEED_REGISTERED)
            .map(seed -> WindowChange.withdrawn(seed.f0, seed.f1), WindowChange.TYPE)
            .uid("seed-withdrawn")
            .name("seed withdrawn");
    DataStream<WindowChange> retracted =
        context
            .read(Topics.IMAGE_RETRACTED)
            .map(WindowChange::retracted, WindowChange.TYPE)
            .uid("image-retracted")
            .name("image retracted");
    DataStream<WindowChange> revoked =
        context
            .read(Topics.IMAGE_REVOKED)
            .map(WindowChange::revoked, WindowChange.TYPE)
            .uid("image-revoked")
            .name("image revoked");
    return registered.union(withdrawn, retracted, revoked);
  }

  public static void main(String[] args) throws Exception {
    JobMain.run(new CuratorJob(), args);
  }
}
