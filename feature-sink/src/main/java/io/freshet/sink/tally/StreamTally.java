package io.freshet.sink.tally;

import io.freshet.schemas.BlobRef;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.CurationWindow;
import io.freshet.schemas.DuplicateImage;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.PassedImage;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.TrainingStep;
import io.freshet.schemas.UniqueImage;
import io.freshet.sink.tally.KnownImages.Known;
import io.freshet.sink.tally.WallImage.Source;
import io.freshet.sink.tally.WallImage.Verdict;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Adds up records of all topics into what the console shows. Bounded: the newest images of each
 * verdict, the newest {@value KnownImages#LIMIT} images, a thinned curve, the newest windows.
 *
 * <p>Thread-safe: one thread feeds it, many read snapshots.
 */
public final class StreamTally {
  /** Labels of EVALUATION images that are told apart. */
  private static final int MAX_LABELS = 10_000;

  private final Map<Stage, RecordRate> rates = new EnumMap<>(Stage.class);
  private final Map<Verdict, Wall> walls = new EnumMap<>(Verdict.class);
  private final Map<String, Long> rejectedByReason = new TreeMap<>();
  private final Map<String, Long> duplicatesByMethod = new TreeMap<>();
  private final KnownImages images = new KnownImages();
  private final KnownImages seeds = new KnownImages();
  private final Map<SetLabel, SeedImage> evaluationOfLabel = new TreeMap<>();
  private final Undescribed undescribed = new Undescribed();
  private final Unread unlearned = new Unread();
  private final TrainingTally training = new TrainingTally();
  private final CurationHistory curation = new CurationHistory();
  private final StoredFeatures features;
  private final RecentDelay ingestDelay = new RecentDelay();
  private final RecentDelay dedupDelay = new RecentDelay();
  private final RecentDelay curatorDelay = new RecentDelay();
  private final RecentDelay trainerDelay = new RecentDelay();
  private final RecentDelay featureDelay = new RecentDelay();
  private long refusedByDedup;
  private long windowed;

  /** A label as one data set means it. */
  private record SetLabel(String dataset, String label) implements Comparable<SetLabel> {
    private static final Comparator<SetLabel> ORDER =
        Comparator.comparing(SetLabel::dataset).thenComparing(SetLabel::label);

    @Override
    public int compareTo(SetLabel other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * @param wallImages images that are remembered of each verdict
   * @param features where features are kept
   */
  public StreamTally(InstantSource clock, int wallImages, StoredFeatures features) {
    this.features = features;
    for (Stage stage : Stage.values()) {
      rates.put(stage, new RecordRate(clock));
    }
    for (Verdict verdict : Verdict.values()) {
      walls.put(verdict, new Wall(wallImages));
    }
  }

  synchronized void ingested(IngestedImage image, long timestamp) {
    count(Stage.REQUESTS, timestamp);
    count(Stage.INGESTED, timestamp);
    ingestDelay.add(image.getRequestedAt(), image.getIngestedAt());
  }

  synchronized void rejected(RejectedImage image, long timestamp) {
    count(Stage.REJECTED, timestamp);
    if (image.getStage().equals("ingest")) {
      count(Stage.REQUESTS, timestamp);
    } else {
      refusedByDedup++;
    }
    rejectedByReason.merge(image.getReason().name(), 1L, Long::sum);
    walls
        .get(Verdict.REJECTED)
        .add(
            new WallImage.Rejected(
                image.getUrl(),
                image.getStage(),
                image.getReason().name(),
                image.getDetail(),
                image.getAt().toEpochMilli()));
  }

  synchronized void duplicate(DuplicateImage image, long timestamp) {
    count(Stage.DUPLICATE, timestamp);
    duplicatesByMethod.merge(image.getMethod().name(), 1L, Long::sum);
    Source source = source(image.getSource());
    if (!images.putIfAbsent(image.getImageId(), new Known(image.getBlob(), source, null))
        || images.isRevoked(source.url())) {
      return;
    }
    walls
        .get(Verdict.DUPLICATE)
        .add(
            new WallImage.Duplicate(
                image.getImageId(),
                image.getKeptImageId(),
                source,
                image.getMethod().name(),
                image.getScore(),
                image.getThreshold(),
                image.getSpaceId(),
                image.getDecidedAt().toEpochMilli()));
  }

  synchronized void unique(UniqueImage image, long timestamp) {
    count(Stage.UNIQUE, timestamp);
    dedupDelay.add(image.getIngestedAt(), image.getDecidedAt());
    Source source = source(image.getSource());
    if (!images.put(image.getImageId(), new Known(image.getBlob(), source, image.getDecidedAt()))) {
      images.revoke(image.getImageId());
      undescribed.withdrawn(image.getImageId());
      takeDown(image.getImageId());
      return;
    }
    walls
        .get(Verdict.UNIQUE)
        .add(
            new WallImage.Unique(
                image.getImageId(),
                source,
                image.getWidth(),
                image.getHeight(),
                image.getDecidedAt().toEpochMilli()));
  }

  synchronized void retracted(RetractedImage image, long timestamp) {
    count(Stage.RETRACTED, timestamp);
    undescribed.withdrawn(image.getImageId());
  }

  synchronized void revoked(Revocation revocation, long timestamp) {
    count(Stage.REVOKED, timestamp);
    String target = revocation.getTarget();
    images
        .revoke(target)
        .forEach(
            (imageId, image) -> {
              if (image.decidedAt() != null) {
                undescribed.withdrawn(imageId);
              }
              takeDown(imageId);
            });
    takeDown(target);
  }

  /** Takes what a revocation names off the walls. What was refused stays: it tells why. */
  private void takeDown(String target) {
    walls.values().forEach(wall -> wall.remove(image -> image.isNamedBy(target)));
  }

  synchronized void seed(SeedImage seed) {
    String name = seed.getDataset() + " / " + seed.getFile();
    seeds.put(
        seed.getImageId(),
        new Known(seed.getBlob(), new Source(name, null, seed.getLabel()), null));
    SetLabel label = new SetLabel(seed.getDataset(), seed.getLabel());
    if (seed.getRole() == SeedRole.EVALUATION
        && (evaluationOfLabel.size() < MAX_LABELS || evaluationOfLabel.containsKey(label))) {
      evaluationOfLabel.merge(
          label,
          seed,
          (held, other) -> held.getImageId().compareTo(other.getImageId()) <= 0 ? held : other);
    }
  }

  /**
   * @param offset where the record lies in its partition
   */
  synchronized void curated(CuratedImage image, long timestamp, int partition, long offset) {
    count(Stage.CURATED, timestamp);
    unlearned.written(partition, offset, image.getCuratedAt());
    images
        .get(image.getImageId())
        .map(Known::decidedAt)
        .ifPresent(decided -> curatorDelay.add(decided, image.getCuratedAt()));
    if (images.isRevoked(image.getImageId())) {
      return;
    }
    walls
        .get(Verdict.CURATED)
        .add(
            new WallImage.Curated(
                image.getImageId(),
                image.getQueryOrClusterId(),
                image.getDataset(),
                image.getStrategy().name(),
                image.getSimilarity(),
                image.getRank(),
                image.getWindow(),
                image.getSpaceId(),
                image.getCuratedAt().toEpochMilli()));
  }

  synchronized void passed(PassedImage image) {
    if (images.isRevoked(image.getImageId())) {
      return;
    }
    Float similarity = image.getSimilarity();
    walls
        .get(Verdict.PASSED)
        .add(
            new WallImage.Passed(
                image.getImageId(),
                image.getReason().name(),
                image.getSeedId(),
                image.getDataset(),
                similarity == null ? null : similarity.doubleValue(),
                image.getThreshold(),
                image.getWindow(),
                image.getSpaceId(),
                image.getPassedAt().toEpochMilli()));
  }

  synchronized void window(CurationWindow window) {
    curation.add(window);
    windowed += window.getImages() + window.getWithdrawn() + window.getUnreadable();
  }

  synchronized void trained(TrainingStep step, long timestamp) {
    count(Stage.TRAINING_STEPS, timestamp);
    unlearned.read(step.getOffsets(), curated -> trainerDelay.add(curated, step.getAt()));
    training.add(step);
  }

  synchronized void published(long timestamp) {
    count(Stage.RELEASES, timestamp);
  }

  synchronized void feature(ImageFeature feature, long timestamp) {
    count(Stage.FEATURES, timestamp);
    featureDelay.add(feature.getDecidedAt(), feature.getComputedAt());
    features.put(feature.getImageId(), feature.getCls());
    undescribed.described(feature.getImageId());
  }

  /**
   * @param key of a tombstone in {@code image.feature}
   */
  void featureErased(String key) {
    int bar = key.indexOf('|');
    if (bar > 0) {
      features.erase(key.substring(0, bar), key.substring(bar + 1));
    }
  }

  /**
   * Images of a wall, newest first.
   *
   * @param upTo number of the newest image to look at, {@link Long#MAX_VALUE} for all
   */
  public synchronized WallPage wall(
      Verdict verdict, long upTo, int skip, int limit, WallFilter filter) {
    Wall wall = walls.get(verdict);
    Wall.Part part = wall.part(upTo, skip, limit, filter);
    return new WallPage(
        Math.min(upTo, wall.newest()),
        part.total(),
        part.facets(),
        part.images().stream().map(this::item).toList());
  }

  private WallPage.Item item(WallImage image) {
    if (image instanceof WallImage.Unique unique) {
      return new WallPage.Item(unique, unique.source(), null, false);
    }
    if (image instanceof WallImage.Duplicate copy) {
      return beside(copy, copy.source(), known(copy.keptImageId()));
    }
    if (image instanceof WallImage.Curated chosen) {
      return beside(
          chosen,
          found(chosen.imageId()),
          seeds.get(chosen.queryId()).or(() -> images.get(chosen.queryId())));
    }
    if (image instanceof WallImage.Passed passed) {
      return beside(
          passed,
          found(passed.imageId()),
          Optional.ofNullable(passed.seedId()).flatMap(seeds::get));
    }
    return new WallPage.Item(image, null, null, false);
  }

  private static WallPage.Item beside(WallImage image, Source found, Optional<Known> other) {
    return new WallPage.Item(
        image, found, other.map(Known::source).orElse(null), other.isPresent());
  }

  private Source found(String imageId) {
    return known(imageId).map(Known::source).orElse(null);
  }

  private Optional<Known> known(String imageId) {
    return images.get(imageId).or(() -> seeds.get(imageId));
  }

  /** Where the canonical bytes of an image or seed lie, if it was seen lately. */
  public synchronized Optional<BlobRef> blob(String imageId) {
    return known(imageId).map(Known::blob);
  }

  /** Whether the image was revoked, lately. */
  public synchronized boolean revoked(String imageId) {
    return images.isRevoked(imageId);
  }

  /** Where an image was found, if it was seen lately. */
  public synchronized Optional<Source> source(String imageId) {
    return known(imageId).map(Known::source);
  }

  /**
   * EVALUATION images of different labels, evenly over them, the same while no seeds are added.
   *
   * @param count at most
   */
  public synchronized List<SeedImage> evaluationImages(int count) {
    List<SeedImage> all = List.copyOf(evaluationOfLabel.values());
    int taken = Math.min(count, all.size());
    return IntStream.range(0, taken)
        .mapToObj(i -> all.get((int) ((long) i * all.size() / taken)))
        .toList();
  }

  /** The newest windows of curation, oldest first. */
  public synchronized List<WindowLine> curationWindows() {
    return curation.windows();
  }

  /** The curves of the newest run, by columns of equal length. */
  public synchronized CurveColumns trainingCurve() {
    return training.curve();
  }

  /**
   * A snapshot.
   *
   * @param releases what the registry holds, oldest first
   * @param champion the model that the alias names, or null
   * @param staleSince since when the topics can't be read, or null while they can
   */
  public synchronized Overview overview(
      List<Overview.ReleaseLine> releases,
      String champion,
      List<String> alteredAliases,
      String staleSince) {
    Map<String, Long> counts = new LinkedHashMap<>();
    Map<String, Double> perSecond = new LinkedHashMap<>();
    rates.forEach(
        (stage, rate) -> {
          counts.put(stage.key(), rate.total());
          perSecond.put(stage.key(), rate.perSecond());
        });
    counts.put(
        Stage.RELEASES.key(), releases.stream().filter(release -> release.step() > 0).count());
    counts.put(Stage.LEARNED.key(), total(Stage.CURATED) - unlearned.count());
    Map<String, Long> newest = new LinkedHashMap<>();
    walls.forEach(
        (verdict, wall) -> newest.put(verdict.name().toLowerCase(Locale.ROOT), wall.newest()));
    return new Overview(
        counts,
        perSecond,
        waiting(),
        delays(),
        Map.copyOf(rejectedByReason),
        Map.copyOf(duplicatesByMethod),
        newest,
        curation.windows().size(),
        champion,
        List.copyOf(alteredAliases),
        staleSince,
        training.snapshot(),
        List.copyOf(releases));
  }

  /** Topics are read side by side: for a moment a later one may be ahead of an earlier one. */
  private Map<String, Long> waiting() {
    Map<String, Long> waiting = new LinkedHashMap<>();
    long judged = total(Stage.UNIQUE) + total(Stage.DUPLICATE) + refusedByDedup;
    waiting.put("dedup", Math.max(0, total(Stage.INGESTED) - judged));
    waiting.put("curator", Math.max(0, total(Stage.UNIQUE) - windowed));
    waiting.put("trainer", unlearned.count());
    waiting.put("features", undescribed.of(total(Stage.UNIQUE)));
    return waiting;
  }

  private Map<String, Double> delays() {
    Map<String, Double> delays = new LinkedHashMap<>();
    ingestDelay.medianSeconds().ifPresent(seconds -> delays.put("ingest", seconds));
    dedupDelay.medianSeconds().ifPresent(seconds -> delays.put("dedup", seconds));
    curatorDelay.medianSeconds().ifPresent(seconds -> delays.put("curator", seconds));
    trainerDelay.medianSeconds().ifPresent(seconds -> delays.put("trainer", seconds));
    featureDelay.medianSeconds().ifPresent(seconds -> delays.put("features", seconds));
    return delays;
  }

  private long total(Stage stage) {
    return rates.get(stage).total();
  }

  private static Source source(SourceUrls source) {
    return new Source(source.getImageUrl(), source.getPageUrl(), source.getAltText());
  }

  private void count(Stage stage, long timestamp) {
    rates.get(stage).add(timestamp);
  }
}
