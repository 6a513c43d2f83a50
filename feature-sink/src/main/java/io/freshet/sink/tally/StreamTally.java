package io.freshet.sink.tally;

import io.freshet.schemas.BlobRef;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.DuplicateImage;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.TrainingStep;
import io.freshet.schemas.UniqueImage;
import io.freshet.sink.tally.RecentImage.Verdict;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Adds up records of all topics into what the console shows. Bounded: the newest {@value
 * #RECENT_LIMIT} images of each verdict, blob references of the newest {@value #BLOB_LIMIT} images.
 *
 * <p>Thread-safe: one thread feeds it, many read snapshots.
 */
public final class StreamTally {
  static final int RECENT_LIMIT = 500;
  static final int BLOB_LIMIT = 100_000;

  /** What is counted, by the name under which it is shown. */
  enum Stage {
    REQUESTS,
    REJECTED,
    DUPLICATE,
    UNIQUE,
    CURATED,
    TRAINING_STEPS,
    RELEASES,
    FEATURES;

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Map<Stage, RecordRate> rates = new EnumMap<>(Stage.class);
  private final Map<String, Long> rejectedByReason = new TreeMap<>();
  private final Map<String, Long> duplicatesByMethod = new TreeMap<>();
  private final Map<Verdict, Deque<RecentImage>> recent = new EnumMap<>(Verdict.class);
  private final TrainingCurve curve = new TrainingCurve();
  private final Deque<TrainingStep> lastSteps = new ArrayDeque<>();
  private final Map<String, BlobRef> blobs =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, BlobRef> eldest) {
          return size() > BLOB_LIMIT;
        }
      };

  public StreamTally(InstantSource clock) {
    for (Stage stage : Stage.values()) {
      rates.put(stage, new RecordRate(clock));
    }
    for (Verdict verdict : Verdict.values()) {
      recent.put(verdict, new ArrayDeque<>());
    }
  }

  synchronized void ingested(long timestamp) {
    count(Stage.REQUESTS, timestamp);
  }

  synchronized void rejected(RejectedImage image, long timestamp) {
    count(Stage.REJECTED, timestamp);
    if (image.getStage().equals("ingest")) {
      count(Stage.REQUESTS, timestamp);
    }
    rejectedByReason.merge(image.getReason().name(), 1L, Long::sum);
    remember(
        Verdict.REJECTED,
        new RecentImage(
            null,
            null,
            image.getUrl(),
            null,
            null,
            null,
            null,
            null,
            null,
            image.getReason().name(),
            image.getDetail()));
  }

  synchronized void duplicate(DuplicateImage image, long timestamp) {
    count(Stage.DUPLICATE, timestamp);
    duplicatesByMethod.merge(image.getMethod().name(), 1L, Long::sum);
    blobs.putIfAbsent(image.getImageId(), image.getBlob());
    SourceUrls source = image.getSource();
    remember(
        Verdict.DUPLICATE,
        new RecentImage(
            image.getImageId(),
            image.getKeptImageId(),
            source.getImageUrl(),
            source.getPageUrl(),
            source.getAltText(),
            image.getMethod().name(),
            (double) image.getScore(),
            null,
            null,
            null,
            null));
  }

  synchronized void unique(UniqueImage image, long timestamp) {
    count(Stage.UNIQUE, timestamp);
    blobs.put(image.getImageId(), image.getBlob());
    SourceUrls source = image.getSource();
    remember(
        Verdict.UNIQUE,
        new RecentImage(
            image.getImageId(),
            null,
            source.getImageUrl(),
            source.getPageUrl(),
            source.getAltText(),
            null,
            null,
            null,
            null,
            null,
            null));
  }

  synchronized void seed(SeedImage seed) {
    blobs.put(seed.getImageId(), seed.getBlob());
  }

  synchronized void curated(CuratedImage image, long timestamp) {
    count(Stage.CURATED, timestamp);
    remember(
        Verdict.CURATED,
        new RecentImage(
            image.getImageId(),
            image.getQueryOrClusterId(),
            null,
            null,
            null,
            null,
            null,
            image.getDataset(),
            (double) image.getSimilarity(),
            null,
            null));
  }

  synchronized void trained(TrainingStep step, long timestamp) {
    count(Stage.TRAINING_STEPS, timestamp);
    Map<String, Double> losses = step.getLosses();
    curve.add(
        new TrainingCurve.Point(
            step.getStep(),
            losses.getOrDefault("total", Double.NaN),
            losses.getOrDefault("dino_local", 0.0) + losses.getOrDefault("dino_global", 0.0),
            losses.getOrDefault("ibot", 0.0)));
    lastSteps.addLast(step);
    if (lastSteps.size() > 20) {
      lastSteps.removeFirst();
    }
  }

  synchronized void published(long timestamp) {
    count(Stage.RELEASES, timestamp);
  }

  synchronized void feature(long timestamp) {
    count(Stage.FEATURES, timestamp);
  }

  /** Newest first, at most {@code limit}. */
  public synchronized List<RecentImage> recent(Verdict verdict, int limit) {
    return recent.get(verdict).stream().limit(limit).toList();
  }

  /** Where the canonical bytes of an image or seed lie, if it was seen lately. */
  public synchronized Optional<BlobRef> blob(String imageId) {
    return Optional.ofNullable(blobs.get(imageId));
  }

  /**
   * A snapshot.
   *
   * @param releases what the registry holds, oldest first
   * @param champion the model that the alias names, or null
   */
  public synchronized Overview overview(List<Overview.ReleaseLine> releases, String champion) {
    Map<String, Long> counts = new LinkedHashMap<>();
    Map<String, Double> perSecond = new LinkedHashMap<>();
    rates.forEach(
        (stage, rate) -> {
          counts.put(stage.key(), rate.total());
          perSecond.put(stage.key(), rate.perSecond());
        });
    counts.put(
        Stage.RELEASES.key(), releases.stream().filter(release -> release.step() > 0).count());
    return new Overview(
        counts,
        perSecond,
        Map.copyOf(rejectedByReason),
        Map.copyOf(duplicatesByMethod),
        champion,
        training(),
        List.copyOf(releases));
  }

  private Overview.Training training() {
    List<TrainingCurve.Point> points = curve.points();
    Overview.Curve columns =
        new Overview.Curve(
            points.stream().map(TrainingCurve.Point::step).toList(),
            points.stream().map(TrainingCurve.Point::total).toList(),
            points.stream().map(TrainingCurve.Point::dino).toList(),
            points.stream().map(TrainingCurve.Point::ibot).toList());
    TrainingStep last = lastSteps.peekLast();
    if (last == null) {
      return new Overview.Training(0, 0, 0, null, null, null, 0, columns);
    }
    double millis = lastSteps.stream().mapToDouble(TrainingStep::getMillis).sum();
    double waited = lastSteps.stream().mapToDouble(TrainingStep::getDataWaitMillis).sum();
    List<TrainingStep> window = new ArrayList<>(lastSteps);
    long images = last.getImagesSeen() - window.get(0).getImagesSeen();
    double seconds = window.stream().skip(1).mapToDouble(TrainingStep::getMillis).sum() / 1000;
    return new Overview.Training(
        last.getStep(),
        last.getImagesSeen(),
        seconds > 0 ? images / seconds : 0,
        last.getLosses().get("total"),
        last.getLr(),
        last.getGradNorm().get("backbone"),
        millis > 0 ? waited / millis : 0,
        columns);
  }

  private void count(Stage stage, long timestamp) {
    rates.get(stage).add(timestamp);
  }

  private void remember(Verdict verdict, RecentImage image) {
    Deque<RecentImage> images = recent.get(verdict);
    images.addFirst(image);
    if (images.size() > RECENT_LIMIT) {
      images.removeLast();
    }
  }
}
