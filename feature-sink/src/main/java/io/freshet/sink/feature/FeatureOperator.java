package io.freshet.sink.feature;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.BlobUnavailableException;
import io.freshet.platform.flink.JobContext;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.schemas.BackfillOrder;
import io.freshet.schemas.BackfillProgress;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.PatchFeature;
import io.freshet.schemas.PatchFeatures;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vectors;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.PatchEmbedder;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.typeutils.EitherTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Batches unique images per bucket and embeds them with the champion.
 *
 * <p>Images wait in keyed state, so neither a restart nor a late first champion loses one: while
 * there is no champion a bucket looks again after {@link FeatureConfig#awaitChampion}. A timer
 * embeds one batch and sets itself again while images are left, so that a long queue never holds up
 * a checkpoint for more than one forward pass. The model is swapped between two batches; each
 * feature names the space of the model that made it. A champion that can't be had, because it was
 * altered for example, leaves the one before in its place, and withdrawals go on.
 *
 * <p>Per image it remembers the keys under which features were written. When an image is withdrawn
 * each of them is erased, the image stops waiting, and from then on no record of it is taken: also
 * not one that comes late or again.
 *
 * <p>Of the models that {@link PatchConfig} names it writes the features of patches too, from the
 * same forward pass, and erases them in the same way. A backfill also embeds what lacks only those.
 *
 * <p>It also knows each image that ever got a feature. When a backfill is ordered for the release
 * that is champion, the images that lack its feature are embedded, the newest first, by a timer of
 * their own that does nothing while any image of this task waits.
 *
 * <p>The broadcast state holds the announcement and the order only; weights come from the registry,
 * where they are verified. Until an announcement is heard the registry's alias counts, for the
 * champion's may have been compacted away behind one of a later candidate.
 */
final class FeatureOperator
    extends KeyedBroadcastProcessFunction<
        Integer,
        Either<String, UniqueImage>,
        Either<ModelPublished, BackfillOrder>,
        Either<String, ImageFeature>> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(FeatureOperator.class);

  static final MapStateDescriptor<String, ModelPublished> CHAMPION =
      new MapStateDescriptor<>(
          ChampionEmbedder.ALIAS, Types.STRING, JobContext.avro(ModelPublished.class));
  static final MapStateDescriptor<String, BackfillOrder> ORDER =
      new MapStateDescriptor<>("backfill", Types.STRING, JobContext.avro(BackfillOrder.class));
  static final OutputTag<BackfillProgress> PROGRESS =
      new OutputTag<>("backfill-progress", JobContext.avro(BackfillProgress.class));

  /** As the main output, for features of patches. */
  static final OutputTag<Either<String, PatchFeature>> PATCHES =
      new OutputTag<>(
          "patches", new EitherTypeInfo<>(Types.STRING, JobContext.avro(PatchFeature.class)));

  private static final String NEWEST_ORDER = "order";

  /** Images that one timer looks at: passing over many must not hold up a checkpoint. */
  private static final int MAX_LOOKED_AT = 2_048;

  private final FeatureConfig config;
  private final BlobConfig blobConfig;
  private final RegistryConfig registryConfig;

  private transient BlobStore blobs;
  private transient ChampionEmbedder champion;
  private transient MapState<String, UniqueImage> waiting;
  private transient MapState<String, List<String>> written;
  private transient MapState<String, List<String>> patchesWritten;
  private transient MapState<String, Boolean> withdrawn;
  private transient ValueState<Long> timer;
  private transient ValueState<Long> backfillTimer;
  private transient Backfill backfill;

  /** Buckets of this task in which images wait. */
  private transient Set<Integer> busy;

  private transient PatchPublication patches;
  private transient Counter unavailable;
  private transient Counter withdrawals;

  FeatureOperator(FeatureConfig config, BlobConfig blobs, RegistryConfig registry) {
    this.config = config;
    this.blobConfig = blobs;
    this.registryConfig = registry;
  }

  @Override
  public void open(OpenContext context) {
    blobs = BlobStores.open(blobConfig);
    champion =
        new ChampionEmbedder(
            registryConfig, getRuntimeContext().getMetricGroup().counter("championRefused"));
    waiting =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>(
                    "waiting", Types.STRING, JobContext.avro(UniqueImage.class)));
    written =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>("written", Types.STRING, Types.LIST(Types.STRING)));
    patchesWritten =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>(
                    "patches-written", Types.STRING, Types.LIST(Types.STRING)));
    patches = new PatchPublication(config.patches());
    withdrawn =
        getRuntimeContext()
            .getMapState(new MapStateDescriptor<>("withdrawn", Types.STRING, Types.BOOLEAN));
    timer = getRuntimeContext().getState(new ValueStateDescriptor<>("timer", Types.LONG));
    backfillTimer =
        getRuntimeContext().getState(new ValueStateDescriptor<>("backfill-timer", Types.LONG));
    backfill = new Backfill(getRuntimeContext());
    busy = new HashSet<>();
    unavailable = getRuntimeContext().getMetricGroup().counter("imagesUnavailable");
    withdrawals = getRuntimeContext().getMetricGroup().counter("imagesWithdrawn");
  }

  /**
   * @param element the id of an image to withdraw, or an image
   */
  @Override
  public void processElement(
      Either<String, UniqueImage> element,
      ReadOnlyContext context,
      Collector<Either<String, ImageFeature>> out)
      throws Exception {
    if (element.isLeft()) {
      withdraw(element.left(), context, out);
    } else if (!withdrawn.contains(element.right().getImageId())) {
      await(element.right(), context);
    }
  }

  private void withdraw(
      String imageId, ReadOnlyContext context, Collector<Either<String, ImageFeature>> out)
      throws Exception {
    if (withdrawn.contains(imageId)) {
      return;
    }
    withdrawn.put(imageId, true);
    withdrawals.inc();
    waiting.remove(imageId);
    List<String> keys = written.get(imageId);
    if (keys != null) {
      keys.forEach(key -> out.collect(Either.Left(key)));
      written.remove(imageId);
    }
    List<String> patchKeys = patchesWritten.get(imageId);
    if (patchKeys != null) {
      patchKeys.forEach(key -> context.output(PATCHES, Either.Left(key)));
      patchesWritten.remove(imageId);
    }
  }

  private void await(UniqueImage image, ReadOnlyContext context) throws Exception {
    waiting.put(image.getImageId(), image);
    busy.add(context.getCurrentKey());
    if (timer.value() == null) {
      setTimer(timer, config.linger(), context.timerService());
    }
    if (backfillTimer.value() == null) {
      setTimer(backfillTimer, config.awaitChampion(), context.timerService());
    }
  }

  private static void setTimer(ValueState<Long> timer, Duration pause, TimerService timers)
      throws Exception {
    long at = timers.currentProcessingTime() + pause.toMillis();
    timer.update(at);
    timers.registerProcessingTimeTimer(at);
  }

  @Override
  public void processBroadcastElement(
      Either<ModelPublished, BackfillOrder> news,
      Context context,
      Collector<Either<String, ImageFeature>> out)
      throws Exception {
    if (news.isRight()) {
      context.getBroadcastState(ORDER).put(NEWEST_ORDER, news.right());
    } else if (news.left().getAliases().contains(ChampionEmbedder.ALIAS)) {
      context.getBroadcastState(CHAMPION).put(ChampionEmbedder.ALIAS, news.left());
    }
  }

  @Override
  public void onTimer(
      long timestamp, OnTimerContext context, Collector<Either<String, ImageFeature>> out)
      throws Exception {
    // The two may fall on one moment, and are one timer then.
    if (Objects.equals(timer.value(), timestamp)) {
      timer.clear();
      Optional<ImageEmbedder> embedder = embedder(context);
      if (embedder.isPresent()) {
        embedWaiting(embedder.get(), context, out);
      }
      if (waiting.isEmpty()) {
        busy.remove(context.getCurrentKey());
      } else {
        busy.add(context.getCurrentKey());
        setTimer(
            timer,
            embedder.isPresent() ? Duration.ZERO : config.awaitChampion(),
            context.timerService());
      }
    }
    if (Objects.equals(backfillTimer.value(), timestamp)) {
      setTimer(backfillTimer, backfill(context, out), context.timerService());
    }
  }

  private Optional<ImageEmbedder> embedder(ReadOnlyContext context) throws Exception {
    ModelPublished announced = context.getBroadcastState(CHAMPION).get(ChampionEmbedder.ALIAS);
    long now = context.currentProcessingTime();
    return announced == null ? champion.ofAlias(now) : champion.of(announced, now);
  }

  /**
   * Embeds a batch of stored images, if one is due.
   *
   * @return the pause until the next look
   */
  private Duration backfill(OnTimerContext context, Collector<Either<String, ImageFeature>> out)
      throws Exception {
    BackfillOrder order = context.getBroadcastState(ORDER).get(NEWEST_ORDER);
    if (order == null || !order.getRunning()) {
      return config.awaitChampion();
    }
    if (!busy.isEmpty()) {
      return config.linger();
    }
    Optional<ImageEmbedder> embedder = embedder(context);
    if (embedder.isEmpty() || !champion.isOf(order.getModel())) {
      return config.awaitChampion();
    }
    String space = embedder.get().space().id();
    if (!backfill.isDue(order, space, Instant.now())) {
      return config.awaitChampion();
    }
    Backfill.Batch batch =
        backfill.next(image -> lacks(image, embedder.get()), config.batchImages(), MAX_LOOKED_AT);
    int written = embed(batch.images(), embedder.get(), context, out);
    context.output(
        PROGRESS,
        backfill.advance(
            context.getCurrentKey(), batch, batch.images().size() - written, Instant.now()));
    return pause(order, batch.images().size());
  }

  /** Each bucket takes its share of the rate. */
  private Duration pause(BackfillOrder order, int images) {
    return order.getImagesPerSecond() == 0
        ? Duration.ZERO
        : Duration.ofMillis(
            Math.round(1_000.0 * images * config.buckets() / order.getImagesPerSecond()));
  }

  private boolean lacks(StoredImage image, ImageEmbedder embedder) throws Exception {
    List<String> keys = written.get(image.imageId());
    if (keys == null) {
      return false;
    }
    Optional<PatchEmbedder> withPatches = patches.of(embedder);
    return !keys.contains(key(image, embedder.space()))
        || (withPatches.isPresent()
            && !contains(patchesWritten, key(image, withPatches.get().patchSpace()), image));
  }

  private static boolean contains(
      MapState<String, List<String>> keysOf, String key, StoredImage image) throws Exception {
    List<String> keys = keysOf.get(image.imageId());
    return keys != null && keys.contains(key);
  }

  private static String key(StoredImage image, EmbeddingSpace space) {
    return image.imageId() + "|" + space.id();
  }

  @Override
  public void close() {
    if (champion != null) {
      champion.close();
    }
  }

  private void embedWaiting(
      ImageEmbedder embedder, OnTimerContext context, Collector<Either<String, ImageFeature>> out)
      throws Exception {
    List<StoredImage> images = new ArrayList<>();
    Iterator<UniqueImage> queue = waiting.values().iterator();
    while (queue.hasNext() && images.size() < config.batchImages()) {
      images.add(StoredImage.of(queue.next()));
    }
    embed(images, embedder, context, out);
    for (StoredImage image : images) {
      waiting.remove(image.imageId());
    }
  }

  /**
   * Writes the features of images whose bytes are there.
   *
   * @return how many that were
   */
  private int embed(
      List<StoredImage> wanted,
      ImageEmbedder embedder,
      OnTimerContext context,
      Collector<Either<String, ImageFeature>> out)
      throws Exception {
    List<StoredImage> images = new ArrayList<>();
    List<RgbImage> pixels = new ArrayList<>();
    for (StoredImage image : wanted) {
      try {
        pixels.add(CanonicalEncoding.decode(blobs.read(image.blob())));
        images.add(image);
      } catch (BlobUnavailableException e) {
        unavailable.inc();
        LOG.warn("no feature for {}: {}", image.imageId(), e.getMessage());
      }
    }
    if (images.isEmpty()) {
      return 0;
    }
    Optional<PatchEmbedder> withPatches = patches.of(embedder);
    if (withPatches.isEmpty()) {
      write(images, List.of(embedder.embed(pixels)), embedder.space(), out);
    } else {
      List<PatchEmbedder.Embedded> embedded = withPatches.get().embedWithPatches(pixels);
      write(
          images,
          embedded.stream().map(PatchEmbedder.Embedded::vector).toList(),
          embedder.space(),
          out);
      writePatches(images, embedded, withPatches.get(), context);
    }
    return images.size();
  }

  private void write(
      List<StoredImage> images,
      List<float[]> vectors,
      EmbeddingSpace space,
      Collector<Either<String, ImageFeature>> out)
      throws Exception {
    List<StoredImage> first = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      StoredImage image = images.get(i);
      if (remember(written, key(image, space), image)) {
        first.add(image);
      }
      out.collect(
          Either.Right(
              new ImageFeature(
                  image.imageId(),
                  Vectors.of(space.id(), vectors.get(i)),
                  null,
                  image.decidedAt(),
                  Instant.now())));
    }
    backfill.store(first);
  }

  private void writePatches(
      List<StoredImage> images,
      List<PatchEmbedder.Embedded> embedded,
      PatchEmbedder embedder,
      OnTimerContext context)
      throws Exception {
    EmbeddingSpace space = embedder.patchSpace();
    int side = embedder.patchesPerSide();
    for (int i = 0; i < images.size(); i++) {
      StoredImage image = images.get(i);
      boolean unused = remember(patchesWritten, key(image, space), image);
      context.output(
          PATCHES,
          Either.Right(
              PatchFeatures.of(
                  image.imageId(),
                  space.id(),
                  side,
                  side,
                  embedded.get(i).patches(),
                  image.decidedAt(),
                  Instant.now())));
    }
  }

  /** Returns whether it is the image's first key. */
  private static boolean remember(
      MapState<String, List<String>> keysOf, String key, StoredImage image) throws Exception {
    List<String> keys = keysOf.get(image.imageId());
    if (keys == null) {
      keysOf.put(image.imageId(), List.of(key));
    } else if (!keys.contains(key)) {
      List<String> more = new ArrayList<>(keys);
      more.add(key);
      keysOf.put(image.imageId(), more);
    }
    return keys == null;
  }
}
