package io.freshet.curator.job;

import io.freshet.curator.CuratorConfig;
import io.freshet.curator.retrieval.Candidate;
import io.freshet.curator.retrieval.SampleRetrieval;
import io.freshet.curator.retrieval.Seed;
import io.freshet.curator.retrieval.Selection;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.flink.JobContext;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.CurationStrategy;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vector;
import io.freshet.schemas.Vectors;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Collects unique images until the window is full or old, then lets the seeds retrieve from it.
 *
 * <p>The window, the seeds and their vectors are keyed state, so a restart goes on in the middle of
 * a window. The embedding space changes only between two windows: when the alias {@code curation}
 * has moved, the seeds are embedded again before the window is compared with them. A window waits
 * for the first seed: without one nothing could be retrieved and its images would be lost.
 */
final class WindowOperator
    extends KeyedCoProcessFunction<Integer, UniqueImage, SeedImage, CuratedImage> {
  private static final long serialVersionUID = 1L;

  private final CuratorConfig config;
  private final BlobConfig blobs;
  private final RegistryConfig registry;

  private transient CurationEmbedder embedder;
  private transient SampleRetrieval retrieval;
  private transient MapState<String, UniqueImage> images;
  private transient MapState<String, SeedImage> seeds;
  private transient MapState<String, Vector> seedVectors;
  private transient ValueState<Integer> imageCount;
  private transient ValueState<Long> windowNumber;
  private transient ValueState<Long> closesAt;

  WindowOperator(CuratorConfig config, BlobConfig blobs, RegistryConfig registry) {
    this.config = config;
    this.blobs = blobs;
    this.registry = registry;
  }

  @Override
  public void open(OpenContext context) {
    embedder = new CurationEmbedder(blobs, registry, config.embedBatch());
    retrieval = new SampleRetrieval(config.samplesPerSeed(), config.minSimilarity());
    images =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>(
                    "window-images", Types.STRING, JobContext.avro(UniqueImage.class)));
    seeds =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>("seeds", Types.STRING, JobContext.avro(SeedImage.class)));
    seedVectors =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>(
                    "seed-vectors", Types.STRING, JobContext.avro(Vector.class)));
    imageCount = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.INT));
    windowNumber = getRuntimeContext().getState(new ValueStateDescriptor<>("window", Types.LONG));
    closesAt = getRuntimeContext().getState(new ValueStateDescriptor<>("closes-at", Types.LONG));
  }

  @Override
  public void processElement1(UniqueImage image, Context context, Collector<CuratedImage> out)
      throws Exception {
    if (imageCount.value() == null) {
      closeAt(
          context.timerService().currentProcessingTime() + config.windowAge().toMillis(), context);
    }
    int count = imageCount.value() == null ? 1 : imageCount.value() + 1;
    images.put(image.getImageId(), image);
    imageCount.update(count);
    if (count >= config.windowImages() && !seeds.isEmpty()) {
      closeWindow(out);
    }
  }

  @Override
  public void processElement2(SeedImage seed, Context context, Collector<CuratedImage> out)
      throws Exception {
    String key = seed.getDataset() + "/" + seed.getImageId();
    seeds.put(key, seed);
    seedVectors.remove(key);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<CuratedImage> out)
      throws Exception {
    Long due = closesAt.value();
    if (due == null || due != timestamp) {
      return; // The window it was set for has been closed by its size.
    }
    if (seeds.isEmpty()) {
      closeAt(timestamp + config.windowAge().toMillis(), context);
    } else {
      closeWindow(out);
    }
  }

  @Override
  public void close() {
    if (embedder != null) {
      embedder.close();
    }
  }

  private void closeAt(long time, Context context) throws Exception {
    closesAt.update(time);
    context.timerService().registerProcessingTimeTimer(time);
  }

  private void closeWindow(Collector<CuratedImage> out) throws Exception {
    embedder.followAlias();
    Map<String, UniqueImage> window = new HashMap<>();
    images.values().forEach(image -> window.put(image.getImageId(), image));
    List<Selection> selections = retrieval.select(embeddedSeeds(), candidates(window.values()));
    long number = windowNumber.value() == null ? 0 : windowNumber.value();
    Instant now = Instant.now();
    for (Selection selection : selections) {
      out.collect(
          new CuratedImage(
              selection.imageId(),
              window.get(selection.imageId()).getBlob(),
              selection.dataset(),
              CurationStrategy.SAMPLE,
              selection.seedId(),
              selection.similarity(),
              selection.rank(),
              number,
              embedder.spaceId(),
              now));
    }
    windowNumber.update(number + 1);
    images.clear();
    imageCount.clear();
    closesAt.clear();
  }

  private List<Seed> embeddedSeeds() throws Exception {
    Map<String, BlobRef> stale = new HashMap<>();
    for (Map.Entry<String, SeedImage> seed : seeds.entries()) {
      Vector vector = seedVectors.get(seed.getKey());
      if (vector == null || !vector.getSpaceId().equals(embedder.spaceId())) {
        stale.put(seed.getKey(), seed.getValue().getBlob());
      }
    }
    seedVectors.putAll(embedder.embed(stale));

    List<Seed> embedded = new ArrayList<>();
    for (Map.Entry<String, SeedImage> seed : seeds.entries()) {
      Vector vector = seedVectors.get(seed.getKey());
      if (vector != null) {
        SeedImage image = seed.getValue();
        embedded.add(new Seed(image.getImageId(), image.getDataset(), Vectors.toFloats(vector)));
      }
    }
    return embedded;
  }

  private List<Candidate> candidates(Iterable<UniqueImage> window) {
    List<Candidate> candidates = new ArrayList<>();
    Map<String, BlobRef> toEmbed = new HashMap<>();
    for (UniqueImage image : window) {
      Vector carried = image.getCopyEmbedding();
      if (carried != null && carried.getSpaceId().equals(embedder.spaceId())) {
        candidates.add(new Candidate(image.getImageId(), Vectors.toFloats(carried)));
      } else {
        toEmbed.put(image.getImageId(), image.getBlob());
      }
    }
    embedder
        .embed(toEmbed)
        .forEach((id, vector) -> candidates.add(new Candidate(id, Vectors.toFloats(vector))));
    return candidates;
  }
}
