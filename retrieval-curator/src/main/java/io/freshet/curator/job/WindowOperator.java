package io.freshet.curator.job;

import io.freshet.curator.CuratorConfig;
import io.freshet.curator.drift.WindowMoments;
import io.freshet.curator.retrieval.Candidate;
import io.freshet.curator.retrieval.Seed;
import io.freshet.curator.window.CuratedWindow;
import io.freshet.curator.window.WindowCuration;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.flink.JobContext;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.CurationWindow;
import io.freshet.schemas.ImageId;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vector;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Collects unique images until the window is full or old, then curates it as a batch.
 *
 * <p>The window, the seeds and their vectors are keyed state, so a restart goes on in the middle of
 * a window. The embedding space changes only between two windows: when the alias {@code curation}
 * has moved, the seeds are embedded again before the window is compared with them. A window waits
 * for the first seed: without one nothing could be retrieved and its images would be lost. What
 * waited is cut into windows of the usual size, so memory is bounded.
 *
 * <p>An image that is retracted or revoked leaves the open window, and one that comes later is left
 * out, whichever of the two records is read first.
 */
final class WindowOperator
    extends KeyedCoProcessFunction<Integer, UniqueImage, WindowChange, CuratedImage> {
  private static final long serialVersionUID = 1L;

  static final OutputTag<CurationWindow> REPORTS =
      new OutputTag<>("windows", JobContext.avro(CurationWindow.class));

  private final CuratorConfig config;
  private final BlobConfig blobs;
  private final RegistryConfig registry;

  private transient CurationEmbedder embedder;
  private transient WindowCuration curation;
  private transient WindowMetrics metrics;
  private transient MapState<String, UniqueImage> images;
  private transient MapState<String, Boolean> withdrawn;
  private transient MapState<String, SeedImage> seeds;
  private transient MapState<String, Long> seedOffsets;
  private transient MapState<String, Vector> seedVectors;
  private transient ValueState<Integer> imageCount;
  private transient ValueState<Integer> withdrawnCount;
  private transient ValueState<Long> windowNumber;
  private transient ValueState<Long> closesAt;
  private transient ValueState<String> momentsSpace;
  private transient ValueState<double[]> moments;

  WindowOperator(CuratorConfig config, BlobConfig blobs, RegistryConfig registry) {
    this.config = config;
    this.blobs = blobs;
    this.registry = registry;
  }

  @Override
  public void open(OpenContext context) {
    embedder = new CurationEmbedder(blobs, registry, config.embedBatch());
    curation = new WindowCuration(config.plan());
    metrics = new WindowMetrics(getRuntimeContext().getMetricGroup());
    images = map("window-images", JobContext.avro(UniqueImage.class));
    withdrawn = map("withdrawn", Types.BOOLEAN);
    seeds = map("registered-seeds", JobContext.avro(SeedImage.class));
    seedOffsets = map("seed-offsets", Types.LONG);
    seedVectors = map("seed-vectors", JobContext.avro(Vector.class));
    imageCount = value("count", Types.INT);
    withdrawnCount = value("withdrawn-count", Types.INT);
    windowNumber = value("window", Types.LONG);
    closesAt = value("closes-at", Types.LONG);
    momentsSpace = value("moments-space", Types.STRING);
    moments = value("moments", PrimitiveArrayTypeInfo.DOUBLE_PRIMITIVE_ARRAY_TYPE_INFO);
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
    if (withdrawn.contains(image.getImageId())
        || withdrawn.contains(image.getSource().getImageUrl())) {
      countWithdrawn();
      return;
    }
    if (images.contains(image.getImageId())) {
      return;
    }
    if (count() == 0) {
      closeAt(
          context.timerService().currentProcessingTime() + config.windowAge().toMillis(), context);
    }
    images.put(image.getImageId(), image);
    imageCount.update(count() + 1);
    if (count() >= config.windowImages() && canCurate()) {
      closeWindows(context, out);
    }
  }

  @Override
  public void processElement2(WindowChange change, Context context, Collector<CuratedImage> out)
      throws Exception {
    switch (change.kind()) {
      case SEED_REGISTERED, SEED_WITHDRAWN -> changeSeed(change);
      case IMAGE_WITHDRAWN -> withdraw(change.target());
    }
  }

  private void changeSeed(WindowChange change) throws Exception {
    Long newest = seedOffsets.get(change.target());
    if (newest != null && newest >= change.offset()) {
      return;
    }
    seedOffsets.put(change.target(), change.offset());
    seeds.remove(change.target());
    seedVectors.remove(change.target());
    for (SeedImage seed : change.seed()) {
      seeds.put(change.target(), seed);
    }
  }

  /**
   * @param target an image's id or URL
   */
  private void withdraw(String target) throws Exception {
    withdrawn.put(target, true);
    if (ImageId.is(target)) {
      if (images.contains(target)) {
        images.remove(target);
        countRemoved();
      }
      return;
    }
    Iterator<UniqueImage> open = images.values().iterator();
    while (open.hasNext()) {
      if (target.equals(open.next().getSource().getImageUrl())) {
        open.remove();
        countRemoved();
      }
    }
  }

  private void countRemoved() throws Exception {
    imageCount.update(count() - 1);
    countWithdrawn();
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<CuratedImage> out)
      throws Exception {
    Long due = closesAt.value();
    if (due == null || due != timestamp) {
      return; // The window it was set for has been closed by its size.
    }
    if (canCurate()) {
      closeWindows(context, out);
    } else {
      closeAt(timestamp + config.windowAge().toMillis(), context);
    }
  }

  @Override
  public void close() {
    if (embedder != null) {
      embedder.close();
    }
  }

  private int count() throws Exception {
    return imageCount.value() == null ? 0 : imageCount.value();
  }

  private void countWithdrawn() throws Exception {
    withdrawnCount.update(withdrawnCount.value() == null ? 1 : withdrawnCount.value() + 1);
    metrics.withdrawn();
  }

  private boolean canCurate() throws Exception {
    return !seeds.isEmpty() || config.plan().balanced().images() > 0;
  }

  private void closeAt(long time, Context context) throws Exception {
    closesAt.update(time);
    context.timerService().registerProcessingTimeTimer(time);
  }

  private void closeWindows(Context context, Collector<CuratedImage> out) throws Exception {
    embedder.followAlias();
    List<Seed> attracting = embeddedSeeds();
    while (count() > 0) {
      Map<String, UniqueImage> window = takeWindow();
      List<Candidate> candidates = candidates(window);
      CuratedWindow curated = curation.curate(attracting, candidates);
      WindowRecords records =
          new WindowRecords(nextNumber(), embedder.spaceId(), Instant.now(), curated);
      records.images(window).forEach(out::collect);
      CurationWindow report =
          records.report(
              candidates.size(),
              takeWithdrawn(),
              window.size() - candidates.size(),
              drift(candidates));
      context.output(REPORTS, report);
      metrics.closed(report, curated.choices().size());
    }
    closesAt.clear();
  }

  /** Takes as many images from the state as one window holds. */
  private Map<String, UniqueImage> takeWindow() throws Exception {
    Map<String, UniqueImage> window = new LinkedHashMap<>();
    Iterator<UniqueImage> open = images.values().iterator();
    while (open.hasNext() && window.size() < config.windowImages()) {
      UniqueImage image = open.next();
      window.put(image.getImageId(), image);
      open.remove();
    }
    imageCount.update(count() - window.size());
    return window;
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
  private Optional<WindowDrift> drift(List<Candidate> candidates) throws Exception {
    if (candidates.isEmpty()) {
      return Optional.empty();
    }
    WindowMoments now = WindowMoments.of(candidates.stream().map(Candidate::vector).toList());
    Optional<WindowDrift> drift =
        embedder.spaceId().equals(momentsSpace.value())
            ? Optional.of(WindowDrift.between(WindowMoments.fromArray(moments.value()), now))
            : Optional.empty();
    momentsSpace.update(embedder.spaceId());
    moments.update(now.toArray());
    return drift;
  }

  /** Each image once a dataset, however many files it is registered as. */
  private List<Seed> embeddedSeeds() throws Exception {
    Map<String, BlobRef> stale = new HashMap<>();
    for (Map.Entry<String, SeedImage> seed : seeds.entries()) {
      if (!embedder.isHere(seedVectors.get(seed.getKey()))) {
        stale.put(seed.getKey(), seed.getValue().getBlob());
      }
    }
    seedVectors.putAll(embedder.embed(stale));

    Map<String, Seed> embedded = new HashMap<>();
    for (Map.Entry<String, SeedImage> entry : seeds.entries()) {
      Vector vector = seedVectors.get(entry.getKey());
      if (embedder.isHere(vector)) {
        SeedImage seed = entry.getValue();
        embedded.put(
            seed.getDataset() + "/" + seed.getImageId(),
            new Seed(seed.getImageId(), seed.getDataset(), embedder.elements(vector)));
      }
    }
    return new ArrayList<>(embedded.values());
  }

  private List<Candidate> candidates(Map<String, UniqueImage> window) {
    Map<String, Vector> vectors = new HashMap<>();
    Map<String, BlobRef> toEmbed = new HashMap<>();
    window.forEach(
        (id, image) -> {
          if (embedder.isHere(image.getCopyEmbedding())) {
            vectors.put(id, image.getCopyEmbedding());
          } else {
            toEmbed.put(id, image.getBlob());
          }
        });
    vectors.putAll(embedder.embed(toEmbed));
    List<Candidate> candidates = new ArrayList<>();
    vectors.forEach(
        (id, vector) ->
            candidates.add(
                new Candidate(
                    id, SourceHost.of(window.get(id).getSource()), embedder.elements(vector))));
    return candidates;
  }
}
