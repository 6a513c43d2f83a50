package io.freshet.ingest;

import io.freshet.ingest.intake.FetchedImage;
import io.freshet.ingest.intake.ImageIntake;
import io.freshet.ingest.intake.IntakeOutcome;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.flink.JobContext;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import io.freshet.vision.hash.PcaHash;
import io.freshet.vision.image.DecodeLimits;
import io.freshet.vision.image.ImageDecoder;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Bytes to ingested images; refusals leave by the side output.
 *
 * <p>The shard is synced while a checkpoint is taken, and records become visible only when that
 * checkpoint is complete: no reader ever sees a record whose bytes a crash can still take away.
 */
final class TakeIn extends ProcessFunction<Either<RejectedImage, FetchedImage>, IngestedImage>
    implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;

  static final OutputTag<RejectedImage> REFUSED =
      new OutputTag<>("refused-image", JobContext.avro(RejectedImage.class));

  private static final String BUNDLED = "bundled";

  /** Where shards are opened; operators carry it. */
  @FunctionalInterface
  interface StoreOpener extends Serializable {
    BlobStore open(BlobConfig blobs);
  }

  private final StoreOpener opener;
  private final String writerName;
  private final BlobConfig blobs;
  private final DecodeLimits limits;
  private final String pcaHashModel;
  private final Clock clock;
  private transient BlobStore store;
  private transient ShardWriter shard;
  private transient ImageIntake intake;
  private transient Counter ingested;
  private transient Map<RejectionReason, Counter> refused;

  /**
   * @param writerName unique among the operators of the deployment
   * @param pcaHashModel {@code bundled}, a file, or empty for none
   */
  TakeIn(
      String writerName, BlobConfig blobs, DecodeLimits limits, String pcaHashModel, Clock clock) {
    this(BlobStores::open, writerName, blobs, limits, pcaHashModel, clock);
  }

  TakeIn(
      StoreOpener opener,
      String writerName,
      BlobConfig blobs,
      DecodeLimits limits,
      String pcaHashModel,
      Clock clock) {
    this.opener = opener;
    this.writerName = writerName;
    this.blobs = blobs;
    this.limits = limits;
    this.pcaHashModel = pcaHashModel;
    this.clock = clock;
  }

  @Override
  public void open(OpenContext context) throws IOException {
    int subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
    store = opener.open(blobs);
    shard = store.openShard(writerName + "-" + subtask);
    intake = new ImageIntake(new ImageDecoder(limits), pcaHash(), shard, clock);
    ingested = getRuntimeContext().getMetricGroup().counter("images_ingested");
    refused = new EnumMap<>(RejectionReason.class);
  }

  private Optional<PcaHash> pcaHash() throws IOException {
    return switch (pcaHashModel) {
      case "" -> Optional.empty();
      case BUNDLED -> Optional.of(PcaHash.bundled());
      default -> Optional.of(PcaHash.fromBytes(Files.readAllBytes(Path.of(pcaHashModel))));
    };
  }

  @Override
  public void processElement(
      Either<RejectedImage, FetchedImage> answer, Context context, Collector<IngestedImage> out) {
    if (answer.isLeft()) {
      refuse(answer.left(), context);
      return;
    }
    IntakeOutcome outcome = intake.take(answer.right());
    if (outcome instanceof IntakeOutcome.Accepted accepted) {
      ingested.inc();
      out.collect(accepted.image());
    } else if (outcome instanceof IntakeOutcome.Refused refusal) {
      refuse(refusal.refusal(), context);
    }
  }

  private void refuse(RejectedImage refusal, Context context) {
    refused.computeIfAbsent(refusal.getReason(), this::counter).inc();
    context.output(REFUSED, refusal);
  }

  private Counter counter(RejectionReason reason) {
    return getRuntimeContext()
        .getMetricGroup()
        .addGroup("reason", reason.name())
        .counter("images_refused");
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) {
    shard.sync();
  }

  @Override
  public void initializeState(FunctionInitializationContext context) {}

  @Override
  public void close() {
    try {
      if (shard != null) {
        shard.close();
      }
    } finally {
      if (store != null) {
        store.close();
      }
    }
  }
}
