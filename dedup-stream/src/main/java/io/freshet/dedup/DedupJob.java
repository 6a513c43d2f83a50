package io.freshet.dedup;

import io.freshet.dedup.candidate.VectorVisit;
import io.freshet.dedup.component.Benchmark;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.flow.AdmitFunction;
import io.freshet.dedup.flow.BenchmarkIdentityFunction;
import io.freshet.dedup.flow.BenchmarkRequests;
import io.freshet.dedup.flow.ComponentsFunction;
import io.freshet.dedup.flow.ConfiguredEmbedder;
import io.freshet.dedup.flow.EmbedOperator;
import io.freshet.dedup.flow.GatherFunction;
import io.freshet.dedup.flow.HashRowsFunction;
import io.freshet.dedup.flow.IdentityFunction;
import io.freshet.dedup.flow.RetirementFunction;
import io.freshet.dedup.flow.SequenceBatchOperator;
import io.freshet.dedup.flow.SequenceFunction;
import io.freshet.dedup.flow.SettleFunction;
import io.freshet.dedup.flow.StreamTypes;
import io.freshet.dedup.flow.VectorCellsFunction;
import io.freshet.dedup.request.Request;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.flink.JobContext;
import io.freshet.platform.flink.JobMain;
import io.freshet.platform.flink.StreamJob;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import java.time.Clock;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.types.Either;

/**
 * From {@code image.ingested} to exactly one of {@code image.unique}, {@code image.duplicate} and
 * {@code image.rejected} a request. A unique image that a later one ties to an older unique image
 * is withdrawn through {@code image.retracted}; so is one that is near to a BENCHMARK seed which
 * was registered later. Images that come after the seed are duplicates of it.
 *
 * <pre>
 *  ingested -> retirement -> identity -> embed -> admit -> sequence -> vector cells -> gather -> components -> settle
 *                               |                 ^   |       +------> hash rows  -----^                       ^
 *                               +-- same pixels --+   +------------ images and copies of the same pixels ------+
 * </pre>
 *
 * <p>What is stored and searched lies in the cells and rows, over as many tasks as there are. Two
 * steps are serial: the sequence, which sets one order for all visits so that no two copies miss
 * each other, and the components, which hold a small record an image. docs/adr/0007 says why the
 * order of arrival doesn't matter.
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

    DataStream<Request> requests =
        context
            .readWithOrigin(Topics.IMAGE_INGESTED)
            .map(located -> new Request(located.f1, located.f0))
            .returns(StreamTypes.REQUEST)
            .name("request")
            .uid("request");

    SingleOutputStreamOperator<Either<Embedded, Either<Request, String>>> admitted =
        admit(requests, config, embedder);
    SingleOutputStreamOperator<VectorVisit> visits =
        admitted
            .transform("sequence batch", StreamTypes.SEQUENCE_BATCH, new SequenceBatchOperator())
            .uid("sequence-batch")
            .connect(benchmarks(context.read(Topics.SEED_REGISTERED), config, embedder))
            .keyBy(image -> SequenceFunction.KEY, benchmark -> SequenceFunction.KEY, Types.INT)
            .process(new SequenceFunction(config))
            .returns(StreamTypes.VECTOR_VISIT)
            .name("sequence")
            .uid("sequence")
            .setParallelism(1)
            .setMaxParallelism(1);
    SingleOutputStreamOperator<UniqueImage> unique =
        admitted
            .connect(judge(visits, config))
            .keyBy(DedupJob::admittedId, Verdict::imageId, Types.STRING)
            .process(new SettleFunction(config, Clock.systemUTC()))
            .returns(JobContext.avro(UniqueImage.class))
            .name("settle")
            .uid("settle");

    context.write(unique, Topics.IMAGE_UNIQUE);
    context.write(unique.getSideOutput(SettleFunction.DUPLICATES), Topics.IMAGE_DUPLICATE);
    context.write(unique.getSideOutput(SettleFunction.RETRACTIONS), Topics.IMAGE_RETRACTED);
    context.reject(admitted.getSideOutput(AdmitFunction.REFUSALS));
  }

  /** Images that could be read, each once, further requests for them, and what is forgotten. */
  private static SingleOutputStreamOperator<Either<Embedded, Either<Request, String>>> admit(
      DataStream<Request> requests, DedupConfig config, ConfiguredEmbedder embedder) {
    SingleOutputStreamOperator<Request> first =
        requests
            .keyBy(RetirementFunction::keyOf)
            .process(new RetirementFunction(config))
            .returns(StreamTypes.REQUESTED)
            .name("retirement")
            .uid("retirement")
            .keyBy(DedupJob::requestedId, Types.STRING)
            .process(new IdentityFunction())
            .returns(StreamTypes.REQUEST)
            .name("identity")
            .uid("identity");
    var embeddings =
        first
            .rebalance()
            .transform(
                "embed",
                StreamTypes.EMBEDDING,
                new EmbedOperator(
                    embedder, config.embedding().batch(), config.embedding().linger()))
            .uid("embed");
    return first
        .getSideOutput(IdentityFunction.COPIES)
        .connect(embeddings)
        .keyBy(DedupJob::requestedId, DedupJob::imageId, Types.STRING)
        .process(new AdmitFunction(embedder, Clock.systemUTC()))
        .returns(StreamTypes.ADMITTED)
        .name("admit")
        .uid("admit");
  }

  /**
   * Seeds that images must not be near to, each image once: the first time that it could be read.
   */
  private static DataStream<Either<Embedded, Unreadable>> benchmarks(
      DataStream<SeedImage> seeds, DedupConfig config, ConfiguredEmbedder embedder) {
    return seeds
        .filter(seed -> seed.getRole() == SeedRole.BENCHMARK)
        .name("benchmarks")
        .uid("benchmarks")
        .map(BenchmarkRequests::of)
        .returns(StreamTypes.REQUEST)
        .name("benchmark request")
        .uid("benchmark-request")
        .keyBy(seed -> Benchmark.imageId(seed.imageId()))
        .transform(
            "embed benchmarks",
            StreamTypes.EMBEDDING,
            new EmbedOperator(embedder, config.embedding().batch(), config.embedding().linger()))
        .uid("embed-benchmarks")
        .keyBy(embedding -> Benchmark.imageId(imageId(embedding)))
        .process(new BenchmarkIdentityFunction())
        .returns(StreamTypes.EMBEDDING)
        .name("benchmark identity")
        .uid("benchmark-identity");
  }

  /** From visits, in their one order, to a verdict an image. */
  private static DataStream<Verdict> judge(
      SingleOutputStreamOperator<VectorVisit> visits, DedupConfig config) {
    var nearByVector =
        visits
            .keyBy(VectorCellsFunction::keyOf)
            .process(new VectorCellsFunction(config))
            .returns(StreamTypes.ANSWER)
            .name("vector cells")
            .uid("vector-cells");
    var nearByHash =
        visits
            .getSideOutput(SequenceFunction.TO_ROWS)
            .keyBy(HashRowsFunction::keyOf)
            .process(new HashRowsFunction(config))
            .returns(StreamTypes.ANSWER)
            .name("hash rows")
            .uid("hash-row-pairs");
    return nearByVector
        .union(nearByHash)
        .keyBy(answer -> answer.inquiry().imageId())
        .process(new GatherFunction())
        .returns(StreamTypes.GATHERED)
        .name("gather")
        .uid("gather")
        .keyBy(image -> 0)
        .process(new ComponentsFunction())
        .returns(StreamTypes.VERDICT)
        .name("components")
        .uid("components")
        .setParallelism(1)
        .setMaxParallelism(1);
  }

  public static void main(String[] args) throws Exception {
    JobMain.run(new DedupJob(), args);
  }

  private static String imageId(Either<Embedded, Unreadable> embedding) {
    return StreamTypes.fromEither(embedding).request().imageId();
  }

  private static String requestedId(Either<Request, String> requested) {
    return requested.isLeft() ? requested.left().imageId() : requested.right();
  }

  private static String admittedId(Either<Embedded, Either<Request, String>> admitted) {
    return admitted.isLeft() ? admitted.left().request().imageId() : requestedId(admitted.right());
  }
}
