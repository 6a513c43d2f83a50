package io.freshet.sink.feature;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.BlobUnavailableException;
import io.freshet.platform.flink.JobContext;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vectors;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Batches unique images per bucket and embeds them with the champion.
 *
 * <p>Images wait in keyed state, so neither a restart nor a late first champion loses one: while
 * there is no champion a bucket looks again after {@link FeatureConfig#awaitChampion}. A timer
 * embeds one batch and sets itself again while images are left, so that a long queue never holds up
 * a checkpoint for more than one forward pass. The model is swapped between two batches; each
 * feature names the space of the model that made it.
 *
 * <p>Per image it remembers the keys under which features were written. When an image is withdrawn
 * each of them is erased, the image stops waiting, and from then on no record of it is taken: also
 * not one that comes late or again.
 *
 * <p>The broadcast state holds the announcement only; weights come from the registry, where they
 * are verified. Until an announcement is heard the registry's alias counts, for the champion's may
 * have been compacted away behind one of a later candidate.
 */
final class FeatureOperator
    extends KeyedBroadcastProcessFunction<
        Integer, Either<String, UniqueImage>, ModelPublished, Either<String, ImageFeature>> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(FeatureOperator.class);

  static final MapStateDescriptor<String, ModelPublished> CHAMPION =
      new MapStateDescriptor<>(
          ChampionEmbedder.ALIAS, Types.STRING, JobContext.avro(ModelPublished.class));

  private final FeatureConfig config;
  private final BlobConfig blobConfig;
  private final RegistryConfig registryConfig;

  private transient BlobStore blobs;
  private transient ChampionEmbedder champion;
  private transient MapState<String, UniqueImage> waiting;
  private transient MapState<String, List<String>> written;
  private transient MapState<String, Boolean> withdrawn;
  private transient ValueState<Long> timer;
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
    champion = new ChampionEmbedder(registryConfig);
    waiting =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>(
                    "waiting", Types.STRING, JobContext.avro(UniqueImage.class)));
    written =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>("written", Types.STRING, Types.LIST(Types.STRING)));
    withdrawn =
        getRuntimeContext()
            .getMapState(new MapStateDescriptor<>("withdrawn", Types.STRING, Types.BOOLEAN));
    timer = getRuntimeContext().getState(new ValueStateDescriptor<>("timer", Types.LONG));
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
      withdraw(element.left(), out);
    } else if (!withdrawn.contains(element.right().getImageId())) {
      await(element.right(), context);
    }
  }

  private void withdraw(String imageId, Collector<Either<String, ImageFeature>> out)
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
  }

  private void await(UniqueImage image, ReadOnlyContext context) throws Exception {
    waiting.put(image.getImageId(), image);
    if (timer.value() == null) {
      long at = context.timerService().currentProcessingTime() + config.linger().toMillis();
      timer.update(at);
      context.timerService().registerProcessingTimeTimer(at);
    }
  }

  @Override
  public void processBroadcastElement(
      ModelPublished model, Context context, Collector<Either<String, ImageFeature>> out)
      throws Exception {
    if (model.getAliases().contains(ChampionEmbedder.ALIAS)) {
      context.getBroadcastState(CHAMPION).put(ChampionEmbedder.ALIAS, model);
    }
  }

  @Override
  public void onTimer(
      long timestamp, OnTimerContext context, Collector<Either<String, ImageFeature>> out)
      throws Exception {
    timer.clear();
    ModelPublished announced = context.getBroadcastState(CHAMPION).get(ChampionEmbedder.ALIAS);
    Optional<ImageEmbedder> embedder =
        announced == null ? champion.ofAlias() : champion.of(announced);
    long pause = embedder.isPresent() ? 0 : config.awaitChampion().toMillis();
    if (embedder.isPresent()) {
      embedBatch(embedder.get(), out);
    }
    if (!waiting.isEmpty()) {
      long at = context.timerService().currentProcessingTime() + pause;
      timer.update(at);
      context.timerService().registerProcessingTimeTimer(at);
    }
  }

  @Override
  public void close() {
    if (champion != null) {
      champion.close();
    }
  }

  private void embedBatch(ImageEmbedder embedder, Collector<Either<String, ImageFeature>> out)
      throws Exception {
    List<UniqueImage> images = new ArrayList<>();
    List<RgbImage> pixels = new ArrayList<>();
    Iterator<UniqueImage> queue = waiting.values().iterator();
    List<String> taken = new ArrayList<>();
    while (queue.hasNext() && taken.size() < config.batchImages()) {
      UniqueImage image = queue.next();
      taken.add(image.getImageId());
      try {
        pixels.add(CanonicalEncoding.decode(blobs.read(image.getBlob())));
        images.add(image);
      } catch (BlobUnavailableException e) {
        unavailable.inc();
        LOG.warn("no feature for {}: {}", image.getImageId(), e.getMessage());
      }
    }
    if (!images.isEmpty()) {
      float[][] features = embedder.embed(pixels);
      String space = embedder.space().id();
      for (int i = 0; i < features.length; i++) {
        UniqueImage image = images.get(i);
        ImageFeature feature =
            new ImageFeature(
                image.getImageId(),
                Vectors.of(space, features[i]),
                null,
                image.getDecidedAt(),
                Instant.now());
        remember(feature);
        out.collect(Either.Right(feature));
      }
    }
    for (String imageId : taken) {
      waiting.remove(imageId);
    }
  }

  private void remember(ImageFeature feature) throws Exception {
    String key = Topics.IMAGE_FEATURE.key().of(feature);
    List<String> keys = written.get(feature.getImageId());
    if (keys == null) {
      written.put(feature.getImageId(), List.of(key));
    } else if (!keys.contains(key)) {
      List<String> more = new ArrayList<>(keys);
      more.add(key);
      written.put(feature.getImageId(), more);
    }
  }
}
