package io.freshet.curator.job;

import io.freshet.curator.CuratorConfig;
import io.freshet.curator.drift.WindowMoments;
import io.freshet.curator.job.SeedPreparation.Prepared;
import io.freshet.curator.retrieval.Candidate;
import io.freshet.curator.retrieval.MatrixProducts;
import io.freshet.curator.window.CuratedWindow;
import io.freshet.curator.window.WindowCuration;
import io.freshet.platform.flink.JobContext;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.CurationWindow;
import io.freshet.schemas.PassedImage;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vector;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects unique images until the window is full or old, then curates it as a batch.
 *
 * <p>The window, the seeds and their vectors are keyed state, so a restart goes on in the middle of
 * a window. The seeds are embedded and indexed by {@link SeedPreparation} in the background; what
 * it has ready is taken over between two windows. So when the alias {@code curation} moves, images
 * in the old space are curated with the seeds in the old space, and images in the new one wait, on
 * disk, until the seeds are there too. An image whose space is neither is embedded again in the
 * background. A window waits for the first seed: without one nothing could be retrieved and its
 * images would be lost. What waited is cut into windows of the usual size, so memory is bounded.
 *
 * <p>After a restore the seeds are read again from their topic before a window is curated: a
 * checkpoint of a version that kept them elsewhere has none of them, though its offsets say that
 * they were read.
 *
 * <p>An image that is retracted or revoked leaves the open window, and one that comes later is left
 * out, whichever of the two records is read first.
 */
final class WindowOperator
    extends KeyedCoProcessFunction<Integer, UniqueImage, WindowChange, CuratedImage>
    implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(WindowOperator.class);

  /** How often a window that is due looks whether the seeds are ready. */
  private static final long LOOK_MILLIS = 100;

  static final OutputTag<CurationWindow> REPORTS =
      new OutputTag<>("windows", JobContext.avro(CurationWindow.class));

  static final OutputTag<PassedImage> PASSED =
      new OutputTag<>("passed", JobContext.avro(PassedImage.class));

  private final CuratorConfig config;
  private final AliasEmbedder.Factory embedder;
  private final SeedTopic seedTopic;

  private transient boolean restored;
  private transient boolean loaded;
  private transient SeedPreparation preparation;
  private transient WindowCuration curation;
  private transient WindowMetrics metrics;
  private transient OpenWindow open;
  private transient RegisteredSeeds seeds;
  private transient MapState<String, Boolean> withdrawn;
  private transient ValueState<Integer> withdrawnCount;
  private transient ValueState<Long> windowNumber;
  private transient ValueState<Long> closesAt;
  private transient ValueState<String> momentsSpace;
  private transient ValueState<double[]> moments;

  /** What windows ask at present; null until the first seeds are ready. */
  private transient Prepared serving;

  /** Spaces in which no seeds are ready, with the request that looks where the alias points. */
  private transient Map<String, Long> lookedFor;

  private transient CompletableFuture<List<WindowChange>> readAgain;
  private transient CompletableFuture<Map<String, Vector>> embeddedAgain;
  private transient Set<String> beingEmbedded;
  private transient Long waitsUntil;
  private transient boolean looking;

  WindowOperator(CuratorConfig config, AliasEmbedder.Factory embedder, SeedTopic seedTopic) {
    this.config = config;
    this.embedder = embedder;
    this.seedTopic = seedTopic;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) {
    restored = context.isRestored();
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) {
    // All state is keyed; what the worker has and no window has taken over is computed again.
  }

  @Override
  public void open(OpenContext context) {
    preparation = new SeedPreparation(embedder.open(), config.seeds().index());
    curation = new WindowCuration(config.plan(), MatrixProducts.open());
    metrics = new WindowMetrics(getRuntimeContext().getMetricGroup());
    open = new OpenWindow(map("window-images", JobContext.avro(UniqueImage.class)));
    seeds =
        new RegisteredSeeds(
            map("registered-seeds", JobContext.avro(SeedImage.class)),
            map("seed-offsets", Types.LONG),
            map("seed-vectors", JobContext.avro(Vector.class)));
    withdrawn = map("withdrawn", Types.BOOLEAN);
    withdrawnCount = value("withdrawn-count", Types.INT);
    windowNumber = value("window", Types.LONG);
    closesAt = value("closes-at", Types.LONG);
    momentsSpace = value("moments-space", Types.STRING);
    moments = value("moments", PrimitiveArrayTypeInfo.DOUBLE_PRIMITIVE_ARRAY_TYPE_INFO);
    lookedFor = new HashMap<>();
  }

  /** Keyed state can be read from the first callback on, not before. */
  private void load() throws Exception {
    if (loaded) {
      return;
    }
    loaded = true;
    open.load();
    seeds.submitAll(preparation);
    if (restored) {
      readAgain = preparation.run(seedTopic::read);
    }
  }

  private <V> MapState<String, V> map(String name, TypeInformation<V> type) {
    return getRuntimeContext().getMapState(new MapStateDescriptor<>(name, Types.STRING, type));
  }

  private <V> ValueState<V> value(String name, TypeInformation<V> type) {
    return getRuntimeContext().getState(new ValueStateDescriptor<>(name, type));
  }

  @Override
  public void processElement1(UniqueImage image, Context context, Collector<CuratedImage> out)
      throws Exception {
    load();
    if (withdrawn.contains(image.getImageId())
        || withdrawn.contains(image.getSource().getImageUrl())) {
      countWithdrawn(1);
      return;
    }
    if (open.isEmpty()) {
      closeAt(now(context) + config.windowAge().toMillis(), context);
    }
    open.add(image);
    Vector vector = image.getCopyEmbedding();
    if (vector != null) {
      CurationSpace space = new CurationSpace(vector.getSpaceId());
      lookFor(space);
      if (open.count(space) >= config.windowImages()) {
        closeDue(context, out);
      }
    }
  }

  @Override
  public void processElement2(WindowChange change, Context context, Collector<CuratedImage> out)
      throws Exception {
    load();
    switch (change.kind()) {
      case SEED_REGISTERED, SEED_WITHDRAWN -> {
        seeds.change(change, preparation);
        lookSoon(context);
      }
      case IMAGE_WITHDRAWN -> {
        withdrawn.put(change.target(), true);
        countWithdrawn(open.remove(change.target()));
      }
    }
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<CuratedImage> out)
      throws Exception {
    load();
    looking = false;
    closeDue(context, out);
  }

  @Override
  public void close() {
    if (preparation != null) {
      preparation.close();
    }
  }

  private static long now(Context context) {
    return context.timerService().currentProcessingTime();
  }

  private void countWithdrawn(int images) throws Exception {
    if (images > 0) {
      withdrawnCount.update(images + (withdrawnCount.value() == null ? 0 : withdrawnCount.value()));
      metrics.withdrawn(images);
    }
  }

  private boolean canCurate() throws Exception {
    return !seeds.isEmpty() || config.plan().balanced().images() > 0;
  }

  private void closeAt(long time, Context context) throws Exception {
    closesAt.update(time);
    context.timerService().registerProcessingTimeTimer(time);
  }

  private void lookSoon(Context context) {
    if (!looking) {
      looking = true;
      context.timerService().registerProcessingTimeTimer(now(context) + LOOK_MILLIS);
    }
  }

  /** Has the alias looked at when the seeds aren't ready in a space, once. */
  private void lookFor(CurationSpace space) {
    if ((serving == null || !serving.space().equals(space)) && !lookedFor.containsKey(space.id())) {
      lookedFor.put(space.id(), preparation.request());
    }
  }

  private boolean isOld(Context context) throws Exception {
    return closesAt.value() != null && closesAt.value() <= now(context);
  }

  /** Closes every window that is full, or old, and that the seeds are ready for. */
  private void closeDue(Context context, Collector<CuratedImage> out) throws Exception {
    if (!takeReadAgain()) {
      lookSoon(context);
      return;
    }
    takeEmbeddedAgain();
    if (!canCurate()) {
      if (isOld(context)) {
        closeAt(now(context) + config.windowAge().toMillis(), context);
      }
      return;
    }
    Optional<Prepared> ready = preparation.take();
    if (ready.isPresent()) {
      takeOver(ready.get(), context, out);
    }
    boolean waiting = false;
    for (String id : open.spaces()) {
      CurationSpace space = new CurationSpace(id);
      if (isDue(space, context)) {
        waiting |= !closeIfReady(space, context, out);
      }
    }
    if (isOld(context) && serving != null && open.count(serving.space()) > 0) {
      waiting |= !closeIfReady(serving.space(), context, out); // None of them can be read.
    }
    if (waiting || (isOld(context) && !open.isEmpty())) {
      lookSoon(context);
    } else if (open.isEmpty()) {
      closesAt.clear();
    }
  }

  private boolean isDue(CurationSpace space, Context context) throws Exception {
    return open.count(space) >= config.windowImages() || (open.count(space) > 0 && isOld(context));
  }

  /** Whether no window in the space is due any more. */
  private boolean closeIfReady(CurationSpace space, Context context, Collector<CuratedImage> out)
      throws Exception {
    if (serving == null || !serving.space().equals(space)) {
      lookFor(space);
      embedAgain(space);
      return false;
    }
    if (seeds.isAhead(serving)) {
      if (waitsUntil == null) {
        waitsUntil = now(context) + config.seeds().longestWait().toMillis();
      }
      if (now(context) < waitsUntil) {
        return false;
      }
    }
    while (isDue(space, context)) {
      closeWindow(context, out);
    }
    waitsUntil = null;
    if (!isOld(context) && !open.isEmpty()) {
      closeAt(now(context) + config.windowAge().toMillis(), context); // The next one begins.
    }
    return true;
  }

  /** Between two windows. The open window of another space is the last in it. */
  private void takeOver(Prepared next, Context context, Collector<CuratedImage> out)
      throws Exception {
    if (serving != null && !serving.space().equals(next.space())) {
      while (open.count(serving.space()) > 0) {
        closeWindow(context, out);
      }
      LOG.info(
          "windows are curated in {} from now on, before in {}", next.space(), serving.space());
    }
    serving = next;
    seeds.keep(next.fresh());
    lookedFor.remove(next.space().id());
  }

  /** Has images embedded in the seeds' space when it is known that the alias names no other. */
  private void embedAgain(CurationSpace space) throws Exception {
    if (serving != null
        && embeddedAgain == null
        && serving.request() >= lookedFor.get(space.id())) {
      Map<String, BlobRef> images = open.blobs(space, config.windowImages());
      beingEmbedded = Set.copyOf(images.keySet());
      embeddedAgain = preparation.embed(images);
    }
  }

  private void takeEmbeddedAgain() throws Exception {
    if (embeddedAgain != null && embeddedAgain.isDone()) {
      Map<String, Vector> vectors = embeddedAgain.join();
      for (String imageId : beingEmbedded) {
        open.embedAgain(imageId, vectors.get(imageId));
      }
      embeddedAgain = null;
      lookedFor.clear();
    }
  }

  /** Whether the seeds of the topic are in the state. */
  private boolean takeReadAgain() throws Exception {
    if (readAgain == null) {
      return true;
    }
    if (!readAgain.isDone()) {
      return false;
    }
    for (WindowChange change : readAgain.join()) {
      seeds.change(change, preparation);
    }
    readAgain = null;
    return true;
  }

  private void closeWindow(Context context, Collector<CuratedImage> out) throws Exception {
    CurationSpace space = serving.space();
    Map<String, UniqueImage> window = open.take(space, config.windowImages());
    List<Candidate> candidates = candidates(window, space);
    CuratedWindow curated = curation.curate(seeds.asking(serving), candidates);
    WindowRecords records =
        new WindowRecords(
            nextNumber(), space.id(), Instant.now(), config.plan().minSimilarity(), curated);
    records.images(window).forEach(out::collect);
    for (PassedImage image : records.passed(window)) {
      metrics.passed(image.getReason());
      context.output(PASSED, image);
    }
    CurationWindow report =
        records.report(
            candidates.size(),
            takeWithdrawn(),
            window.size() - candidates.size(),
            drift(candidates, space));
    context.output(REPORTS, report);
    metrics.closed(report, curated.choices().size());
  }

  private long nextNumber() throws Exception {
    long number = windowNumber.value() == null ? 0 : windowNumber.value();
    windowNumber.update(number + 1);
    return number;
  }

  private int takeWithdrawn() throws Exception {
    int count = withdrawnCount.value() == null ? 0 : withdrawnCount.value();
    withdrawnCount.clear();
    return count;
  }

  /** Compares with the window before, if that was in this space; remembers this one. */
  private Optional<WindowDrift> drift(List<Candidate> candidates, CurationSpace space)
      throws Exception {
    if (candidates.isEmpty()) {
      return Optional.empty();
    }
    WindowMoments now = WindowMoments.of(candidates.stream().map(Candidate::vector).toList());
    Optional<WindowDrift> drift =
        space.id().equals(momentsSpace.value())
            ? Optional.of(WindowDrift.between(WindowMoments.fromArray(moments.value()), now))
            : Optional.empty();
    momentsSpace.update(space.id());
    moments.update(now.toArray());
    return drift;
  }

  /** Images that could be read. */
  private static List<Candidate> candidates(Map<String, UniqueImage> window, CurationSpace space) {
    List<Candidate> candidates = new ArrayList<>();
    window.forEach(
        (id, image) -> {
          if (image.getCopyEmbedding() != null) {
            candidates.add(
                new Candidate(
                    id,
                    SourceHost.of(image.getSource()),
                    space.elements(image.getCopyEmbedding())));
          }
        });
    return candidates;
  }
}
