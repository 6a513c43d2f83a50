package io.freshet.dedup;

import io.freshet.dedup.flow.ConfiguredEmbedder;
import io.freshet.dedup.flow.DecideFunction;
import io.freshet.dedup.flow.EmbedOperator;
import io.freshet.dedup.flow.ScreenFunction;
import io.freshet.dedup.flow.StreamTypes;
import io.freshet.dedup.request.Request;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.flink.JobContext;
import io.freshet.platform.flink.JobMain;
import io.freshet.platform.flink.StreamJob;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import java.time.Clock;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * From {@code image.ingested} to exactly one of {@code image.unique}, {@code image.duplicate} and
 * {@code image.rejected} a request. A unique image that a later one ties to an older unique image
 * is withdrawn through {@code image.retracted}.
 *
 * <pre>
 *  ingested -> screen (identity, hash) -- fresh --> embed (parallel) --> decide -> unique
 *                      |                                                 ^   |---> duplicate
 *                      +--------------- copies --------------------------+   +---> rejected
 *                                                                            +---> retracted
 * </pre>
 *
 * <p>Screening and decisions are serial, which is what makes them free of races; embedding, by far
 * the dearest step, runs in parallel and only for images that screening let through.
 */
public final class DedupJob implements StreamJob {
  @Override
  public String name() {
    return "dedup-stream";
  }

  @Override
  public void define(JobContext context) {
    DedupConfig config = context.config().section("dedup", DedupConfig.class);
    BlobConfig blobs = context.config().section("blobs", BlobConfig.class);
    ConfiguredEmbedder embedder = new ConfiguredEmbedder(config.embedding().model(), blobs);

    var requests =
        context
            .readWithOrigin(Topics.IMAGE_INGESTED)
            .map(located -> new Request(located.f1, located.f0))
            .returns(StreamTypes.REQUEST)
            .name("request")
            .uid("request");

    SingleOutputStreamOperator<Request> fresh =
        requests
            .keyBy(everything(), Types.INT)
            .process(new ScreenFunction(config.hash()))
            .returns(StreamTypes.REQUEST)
            .name("screen by identity and hash")
            .uid("screen")
            .setParallelism(1)
            .setMaxParallelism(1);

    var embeddings =
        fresh
            .rebalance()
            .transform(
                "embed",
                StreamTypes.EMBEDDING,
                new EmbedOperator(
                    embedder, config.embedding().batch(), config.embedding().linger()))
            .uid("embed");

    SingleOutputStreamOperator<UniqueImage> unique =
        fresh
            .getSideOutput(ScreenFunction.COPIES)
            .connect(embeddings)
            .keyBy(everything(), everything(), Types.INT)
            .process(new DecideFunction(config, embedder, Clock.systemUTC()))
            .returns(JobContext.avro(UniqueImage.class))
            .name("decide")
            .uid("decide")
            .setParallelism(1)
            .setMaxParallelism(1);

    context.write(unique, Topics.IMAGE_UNIQUE);
    context.write(unique.getSideOutput(DecideFunction.DUPLICATES), Topics.IMAGE_DUPLICATE);
    context.write(unique.getSideOutput(DecideFunction.RETRACTIONS), Topics.IMAGE_RETRACTED);
    context.reject(unique.getSideOutput(DecideFunction.REFUSALS));
  }

  public static void main(String[] args) throws Exception {
    JobMain.run(new DedupJob(), args);
  }

  /** One key for all: the operator behind it sees every record, in one order. */
  private static <T> KeySelector<T, Integer> everything() {
    return record -> 0;
  }
}
