package io.freshet.deploy.bench;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.candidate.Answer;
import io.freshet.dedup.candidate.VectorVisit;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.embed.PixelHash;
import io.freshet.dedup.flow.ComponentsFunction;
import io.freshet.dedup.flow.GatherFunction;
import io.freshet.dedup.flow.HashRowsFunction;
import io.freshet.dedup.flow.SequenceBatchOperator;
import io.freshet.dedup.flow.SequenceFunction;
import io.freshet.dedup.flow.StreamTypes;
import io.freshet.dedup.flow.VectorCellsFunction;
import io.freshet.dedup.gather.Gathered;
import io.freshet.dedup.request.Request;
import io.freshet.platform.config.DataSize;
import io.freshet.platform.flink.DiskState;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.ImageFormat;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.Origin;
import io.freshet.schemas.Original;
import io.freshet.schemas.Pdq256;
import io.freshet.schemas.SafetyScores;
import io.freshet.schemas.Sha256;
import io.freshet.schemas.SourceUrls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiter;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.types.Either;
import org.apache.flink.util.concurrent.FutureUtils;

/**
 * Deduplication by vectors from the sequence to the verdict, by the job's own operators in an
 * embedded cluster with its state on disk: loads the stored images, then gives each query its
 * verdict and stores it.
 */
final class StoredRun {
  private static final String SPACE = "bench@1/concepts/l2";
  private static final int LARGEST_QUALITY = 100;
  private static final int HASH_BYTES = 32;

  /** What mirroring inverts of a hash, and bits by which the mirrored image's differs from that. */
  private static final int ODD_COLUMNS = 0x55;

  private static final int MIRRORED_BITS = 6;

  /** RocksDB writes no table for so long: its compaction has caught up. */
  private static final Duration SETTLED_AFTER = Duration.ofSeconds(8);

  private static final String TABLE_FILE = ".sst";

  private static final Map<String, StoredRun> RUNNING = new ConcurrentHashMap<>();

  private final ConceptVectors vectors;
  private final boolean hashes;
  private final DedupConfig config;
  private final DataSize stateMemory;
  private final int queries;
  private final int tasks;
  private final Path files;
  private final Progress progress;
  private final EdgeSet edges = new EdgeSet();
  private final CompletableFuture<Void> loaded = new CompletableFuture<>();
  private final CompletableFuture<Void> queriesMayCome = new CompletableFuture<>();
  private long verdicts;
  private long firstQueryNanos;
  private long lastQueryNanos;
  private double loadSeconds;
  private double heapMegabytes;
  private double stateMegabytes;

  /**
   * @param hashes whether images have a hash as well, random ones, of which none is near another
   * @param stateMemory of RocksDB, all tasks together
   * @param tasks parallel tasks of each step
   * @param files an empty directory for the state
   */
  StoredRun(
      ConceptVectors vectors,
      boolean hashes,
      DedupConfig config,
      DataSize stateMemory,
      int queries,
      int tasks,
      Path files,
      Progress progress) {
    this.vectors = vectors;
    this.hashes = hashes;
    this.config = config;
    this.stateMemory = stateMemory;
    this.queries = queries;
    this.tasks = tasks;
    this.files = files;
    this.progress = progress;
  }

  /**
   * @param edges between queries and stored images
   * @param imagesPerSecond queries from the first verdict to the last
   * @param loadedPerSecond images filed without asking
   * @param heapMegabytes live before the first query
   * @param stateMegabytes on disk then, settled
   */
  record Result(
      EdgeSet edges,
      double imagesPerSecond,
      double loadedPerSecond,
      double heapMegabytes,
      double stateMegabytes) {}

  Result run() throws Exception {
    String id = UUID.randomUUID().toString();
    RUNNING.put(id, this);
    long start = System.nanoTime();
    try {
      JobClient job = graph(id).executeAsync("bench dedup");
      CompletableFuture<?> ended = job.getJobExecutionResult();
      // Or the job's end, whichever is first: a job that fails never loads all.
      CompletableFuture.anyOf(loaded, ended).get();
      loadSeconds = (System.nanoTime() - start) / 1e9;
      settle(ended);
      heapMegabytes = heapMegabytes();
      stateMegabytes = megabytesUnder(files);
      queriesMayCome.complete(null);
      ended.get();
    } finally {
      RUNNING.remove(id);
    }
    return new Result(
        edges,
        (queries - 1) / ((lastQueryNanos - firstQueryNanos) / 1e9),
        vectors.stored() / loadSeconds,
        heapMegabytes,
        stateMegabytes);
  }

  /** Waits until RocksDB has put in order what the load left, which the queries needn't pay for. */
  private void settle(CompletableFuture<?> ended) throws InterruptedException {
    while (!ended.isDone() && Instant.now().isBefore(newestTable().plus(SETTLED_AFTER))) {
      Thread.sleep(SETTLED_AFTER.toMillis() / 4);
    }
  }

  /** When RocksDB last wrote one. */
  private Instant newestTable() {
    AtomicLong newest = new AtomicLong();
    walk(
        files,
        path -> {
          if (path.toString().endsWith(TABLE_FILE)) {
            newest.accumulateAndGet(path.toFile().lastModified(), Math::max);
          }
        });
    return Instant.ofEpochMilli(newest.get());
  }

  private StreamExecutionEnvironment graph(String id) {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(tasks, environment());
    DataStream<Either<Embedded, Either<Request, String>>> images =
        env.fromSource(
                new DataGeneratorSource<>(
                    new Images(vectors, hashes),
                    vectors.stored() + queries,
                    new QueriesAfterLoad<>(id, vectors.stored()),
                    StreamTypes.ADMITTED),
                WatermarkStrategy.noWatermarks(),
                "images")
            .setParallelism(1);
    DataStream<Either<Embedded, Unreadable>> noBenchmarks =
        images
            .filter(image -> false)
            .setParallelism(1)
            .map(image -> Either.<Embedded, Unreadable>Left(image.left()))
            .returns(StreamTypes.EMBEDDING)
            .setParallelism(1);
    long stored = vectors.stored();
    SingleOutputStreamOperator<VectorVisit> visits =
        images
            .transform("sequence batch", StreamTypes.SEQUENCE_BATCH, new SequenceBatchOperator())
            .setParallelism(1)
            .connect(noBenchmarks)
            .keyBy(image -> SequenceFunction.KEY, image -> SequenceFunction.KEY, Types.INT)
            .process(
                new SequenceFunction(
                    config, image -> image.request().origin().getOffset() < stored))
            .returns(StreamTypes.VECTOR_VISIT)
            .name("sequence")
            .setParallelism(1)
            .setMaxParallelism(1);
    DataStream<Answer> ofCells =
        visits
            .keyBy(VectorCellsFunction::keyOf)
            .process(new VectorCellsFunction(config))
            .returns(StreamTypes.ANSWER);
    DataStream<Answer> ofRows =
        visits
            .getSideOutput(SequenceFunction.TO_ROWS)
            .keyBy(HashRowsFunction::keyOf)
            .process(new HashRowsFunction(config))
            .returns(StreamTypes.ANSWER);
    DataStream<Gathered> gathered =
        ofCells
            .union(ofRows)
            .keyBy(answer -> answer.inquiry().imageId(), Types.STRING)
            .process(new GatherFunction())
            .returns(StreamTypes.GATHERED);
    gathered.sinkTo(new Edges(id)).setParallelism(1);
    gathered
        .keyBy(image -> 0)
        .process(new ComponentsFunction())
        .returns(StreamTypes.VERDICT)
        .setParallelism(1)
        .setMaxParallelism(1)
        .sinkTo(new Verdicts(id))
        .setParallelism(1);
    return env;
  }

  private Configuration environment() {
    Configuration c = new Configuration();
    c.set(PipelineOptions.OBJECT_REUSE, true);
    c.set(PipelineOptions.GENERIC_TYPES, false);
    DiskState.use(c);
    c.set(CheckpointingOptions.CHECKPOINT_STORAGE, "jobmanager");
    c.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, new MemorySize(stateMemory.bytes()));
    c.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(64));
    c.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(64));
    c.set(CoreOptions.TMP_DIRS, files.toString());
    // A machine that sleeps or is suspended for a while must not cost a run of hours.
    c.set(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT, Duration.ofHours(1));
    return c;
  }

  private void decided(Verdict verdict) {
    if (verdict.kind() == Verdict.Kind.RETRACTED) {
      return;
    }
    verdicts++;
    progress.at(verdicts);
    if (verdicts == vectors.stored()) {
      loaded.complete(null);
    }
    if (verdicts == vectors.stored() + 1) {
      firstQueryNanos = System.nanoTime();
    }
    if (verdicts == vectors.stored() + queries) {
      lastQueryNanos = System.nanoTime();
    }
  }

  private static double heapMegabytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) / 1e6;
  }

  private static double megabytesUnder(Path directory) {
    LongAdder bytes = new LongAdder();
    walk(directory, path -> bytes.add(Files.isRegularFile(path) ? path.toFile().length() : 0));
    return bytes.sum() / 1e6;
  }

  /**
   * Files and then the directory that holds them, at any depth. RocksDB and Flink remove theirs at
   * any time, so those are passed over.
   */
  static void walk(Path directory, Consumer<Path> reader) {
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              reader.accept(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException error) {
              reader.accept(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(directory + " can't be read", e);
    }
  }

  private void found(Gathered image) {
    long query = number(image.imageId()) - vectors.stored();
    if (query >= 0) {
      image.edges().stream()
          .mapToLong(edge -> number(edge.imageId()))
          .filter(other -> other < vectors.stored())
          .forEach(other -> edges.add(query, other));
    }
  }

  private static String imageId(long number) {
    return "%064x".formatted(number);
  }

  private static long number(String imageId) {
    return Long.parseLong(imageId, 16);
  }

  /** Images as the embedder leaves them. */
  private record Images(ConceptVectors vectors, boolean hashes)
      implements GeneratorFunction<Long, Either<Embedded, Either<Request, String>>> {
    @Override
    public Either<Embedded, Either<Request, String>> map(Long number) {
      Request request =
          new Request(ingested(number), new Origin("image.ingested", 0, number.longValue()));
      return Either.Left(
          new Embedded(request, SPACE, vectors.vector(number), List.of(hash(number))));
    }

    private PixelHash hash(long number) {
      if (!hashes) {
        return new PixelHash(new byte[32], new byte[32], 0);
      }
      SplittableRandom random = new SplittableRandom(number);
      byte[] upright = new byte[HASH_BYTES];
      random.nextBytes(upright);
      byte[] mirrored = new byte[HASH_BYTES];
      for (int i = 0; i < HASH_BYTES; i++) {
        mirrored[i] = (byte) (upright[i] ^ ODD_COLUMNS);
      }
      for (int i = 0; i < MIRRORED_BITS; i++) {
        mirrored[random.nextInt(HASH_BYTES)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
      }
      return new PixelHash(upright, mirrored, LARGEST_QUALITY);
    }

    private static IngestedImage ingested(long number) {
      Instant at = Instant.EPOCH.plusMillis(number);
      Sha256 sha256 = new Sha256(ByteBuffer.allocate(32).putLong(number).array());
      return IngestedImage.newBuilder()
          .setRequestId("%032x".formatted(number))
          .setImageId(imageId(number))
          .setBlob(new BlobRef("none", 0L, 1, sha256))
          .setWidth(96)
          .setHeight(96)
          .setOriginal(new Original(ImageFormat.JPEG, 1000, sha256))
          .setSource(new SourceUrls("http://example.org/%d.jpg".formatted(number), null, null))
          .setRequestedAt(at)
          .setFetchedAt(at)
          .setIngestedAt(at)
          .setPdq(new Pdq256(new byte[32]))
          .setPdqQuality(0)
          .setPcaHash(null)
          .setFacesBlurred(0)
          .setSafety(new SafetyScores(null, null))
          .build();
    }
  }

  /** Holds queries back until what is stored is loaded and settled. */
  private record QueriesAfterLoad<S extends SourceSplit>(String run, long stored)
      implements RateLimiterStrategy<S> {
    @Override
    public RateLimiter<S> createRateLimiter(int parallelism) {
      StoredRun of = RUNNING.get(run);
      AtomicLong passed = new AtomicLong();
      return images ->
          passed.getAndAdd(images) < stored ? FutureUtils.completedVoidFuture() : of.queriesMayCome;
    }
  }

  private record Edges(String run) implements Sink<Gathered> {
    @Override
    public SinkWriter<Gathered> createWriter(WriterInitContext context) {
      return new Calls<>(RUNNING.get(run)::found);
    }
  }

  private record Verdicts(String run) implements Sink<Verdict> {
    @Override
    public SinkWriter<Verdict> createWriter(WriterInitContext context) {
      return new Calls<>(RUNNING.get(run)::decided);
    }
  }

  private record Calls<T>(Consumer<T> reader) implements SinkWriter<T> {
    @Override
    public void write(T record, Context context) {
      reader.accept(record);
    }

    @Override
    public void flush(boolean endOfInput) {}

    @Override
    public void close() {}
  }
}
