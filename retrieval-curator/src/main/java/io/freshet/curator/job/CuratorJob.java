package io.freshet.curator.job;

import io.freshet.curator.CuratorConfig;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.flink.JobContext;
import io.freshet.platform.flink.JobMain;
import io.freshet.platform.flink.StreamJob;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * {@code image.unique} and {@code seed.registered} to {@code image.curated}: windows of unique
 * images, from each of which the seeds retrieve their nearest.
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
    WindowOperator window =
        new WindowOperator(
            context.config().section("curator", CuratorConfig.class),
            context.config().section("blobs", BlobConfig.class),
            context.config().section("registry", RegistryConfig.class));

    DataStream<UniqueImage> images = context.read(Topics.IMAGE_UNIQUE);
    DataStream<SeedImage> seeds =
        context
            .read(Topics.SEED_REGISTERED)
            .filter(seed -> seed.getRole() == SeedRole.SEED)
            .uid("seeds-that-attract")
            .name("seeds that attract");

    SingleOutputStreamOperator<CuratedImage> curated =
        images
            .keyBy(image -> THE_WINDOW, Types.INT)
            .connect(seeds.keyBy(seed -> THE_WINDOW, Types.INT))
            .process(window, JobContext.avro(CuratedImage.class))
            .uid("window")
            .name("window");
    context.write(curated, Topics.IMAGE_CURATED);
  }

  public static void main(String[] args) throws Exception {
    JobMain.run(new CuratorJob(), args);
  }
}
