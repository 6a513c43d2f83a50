package io.freshet.sink.life;

import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.DuplicateImage;
import io.freshet.schemas.DuplicateMethod;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.PassedImage;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.Topic;
import io.freshet.schemas.TopicOffset;
import io.freshet.schemas.Topics;
import io.freshet.schemas.TrainingStep;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Follows one image through the stages by reading every topic once. Costs as much as reading the
 * topics does: minutes where they hold millions of records. One owner thread.
 */
public final class ImageLife {
  private final KafkaConfig kafka;
  private final Set<String> names = new HashSet<>();

  /** Where the image was found. They name it in a revocation; elsewhere they may name another. */
  private final Set<String> urls = new HashSet<>();

  private final List<LifeEvent> events = new ArrayList<>();

  private ImageLife(KafkaConfig kafka, String target) {
    this.kafka = kafka;
    names.add(target);
  }

  /**
   * What happened, in order of time; empty when no stage knows the image.
   *
   * @param target an image's URL, image id or request id
   */
  public static List<LifeEvent> of(KafkaConfig kafka, String target) {
    ImageLife life = new ImageLife(kafka, target);
    life.followIngest();
    life.followDedup();
    life.followCuration();
    life.followFeatures();
    life.events.sort(
        Comparator.comparing(LifeEvent::at)
            .thenComparing(event -> order(event.topic()))
            .thenComparingLong(LifeEvent::offset));
    return List.copyOf(life.events);
  }

  private static int order(String topic) {
    return Topics.all().stream().map(Topic::name).toList().indexOf(topic);
  }

  private void followIngest() {
    // Twice: a target that is a URL or request names the image only where it was ingested.
    read(
        Topics.IMAGE_INGESTED,
        image -> {
          if (isNamed(image.getRequestId(), image.getImageId(), image.getSource().getImageUrl())) {
            names.add(image.getImageId());
            names.add(image.getRequestId());
            urls.add(image.getSource().getImageUrl());
          }
          return null;
        },
        IngestedImage::getIngestedAt);
    read(
        Topics.IMAGE_INGESTED,
        image ->
            isNamed(image.getImageId())
                ? "ingested as %s, %d x %d, request %s, from %s"
                    .formatted(
                        image.getImageId(),
                        image.getWidth(),
                        image.getHeight(),
                        image.getRequestId(),
                        image.getSource().getImageUrl())
                : null,
        IngestedImage::getIngestedAt);
    read(
        Topics.IMAGE_REJECTED,
        image ->
            isNamed(image.getRequestId(), image.getUrl())
                ? "rejected by %s: %s, %s"
                    .formatted(image.getStage(), image.getReason(), image.getDetail())
                : null,
        RejectedImage::getAt);
    read(
        Topics.IMAGE_REVOKED,
        revocation ->
            isNamed(revocation.getTarget()) || urls.contains(revocation.getTarget())
                ? "revoked as %s: %s".formatted(revocation.getTarget(), revocation.getReason())
                : null,
        revocation -> revocation.getAt());
  }

  private void followDedup() {
    read(
        Topics.IMAGE_UNIQUE,
        image ->
            isNamed(image.getImageId())
                ? "unique, component %s%s"
                    .formatted(
                        image.getComponentId(),
                        image.getCopyEmbedding() == null
                            ? ""
                            : ", compared in " + image.getCopyEmbedding().getSpaceId())
                : null,
        image -> image.getDecidedAt());
    read(
        Topics.IMAGE_DUPLICATE,
        image -> isNamed(image.getImageId()) ? duplicate(image) : null,
        DuplicateImage::getDecidedAt);
    read(
        Topics.IMAGE_RETRACTED,
        image -> isNamed(image.getImageId()) ? retracted(image) : null,
        image -> image.getAt());
  }

  private static String duplicate(DuplicateImage image) {
    boolean isByHash = image.getSpaceId() == null;
    return "duplicate of %s%s by %s%s, request %s"
        .formatted(
            image.getKeptImageId(),
            image.getBenchmarkDataset() == null
                ? ""
                : " of benchmark " + image.getBenchmarkDataset(),
            image.getMethod(),
            image.getMethod() == DuplicateMethod.EXACT
                ? ""
                : score(isByHash, image.getScore(), image.getThreshold())
                    + neighbour(" to", image.getEvidenceImageId())
                    + (isByHash ? "" : ", model " + image.getSpaceId()),
            image.getRequestId());
  }

  private static String retracted(RetractedImage image) {
    String cause =
        switch (image.getCause()) {
          case MERGED -> "merged into " + image.getKeptImageId();
          case BENCHMARK_ADDED ->
              "too near to benchmark "
                  + (image.getBenchmarkDataset() == null
                      ? "(not named)"
                      : image.getBenchmarkDataset());
          case REVOKED, UNKNOWN -> image.getCause().toString();
        };
    String evidence =
        image.getMethod() == null
            ? ""
            : " by "
                + image.getMethod()
                + score(
                    image.getMethod() == DuplicateMethod.HASH,
                    image.getScore(),
                    image.getThreshold())
                + neighbour(" from", image.getOwnImageId())
                + neighbour(" to", image.getEvidenceImageId());
    return "retracted: " + cause + evidence;
  }

  /** Bits that are at most the threshold, or a cosine that is above it. */
  private static String score(boolean isByHash, float score, float threshold) {
    return isByHash
        ? String.format(Locale.ROOT, ", %.0f bits, threshold %.0f", score, threshold)
        : String.format(Locale.ROOT, ", cosine %.4f, threshold %.4f", score, threshold);
  }

  private static String neighbour(String preposition, String imageId) {
    return imageId == null ? "" : preposition + " " + imageId;
  }

  private void followCuration() {
    read(
        Topics.SEED_REGISTERED,
        seed ->
            isNamed(seed.getImageId())
                ? "registered in %s as %s, label %s, file %s"
                    .formatted(seed.getDataset(), seed.getRole(), seed.getLabel(), seed.getFile())
                : null,
        SeedImage::getAt);
    Map<Integer, Long> curated = new HashMap<>();
    visit(
        Topics.IMAGE_CURATED,
        message -> {
          if (isNamed(message.value().getImageId())) {
            curated.merge(message.partition(), message.offset(), Math::min);
            add(
                Topics.IMAGE_CURATED,
                message,
                message.value().getCuratedAt(),
                text(message.value()));
          }
        });
    read(
        Topics.IMAGE_PASSED,
        image -> isNamed(image.getImageId()) ? text(image) : null,
        PassedImage::getPassedAt);
    Set<String> runs = new HashSet<>();
    read(
        Topics.TRAINING_STEP,
        step ->
            hasRead(step.getOffsets(), curated) && runs.add(step.getRunId())
                ? "read by run %s before its step %d".formatted(step.getRunId(), step.getStep())
                : null,
        TrainingStep::getAt);
    Set<String> models = new HashSet<>();
    read(
        Topics.MODEL_PUBLISHED,
        model ->
            hasRead(model.getOffsets(), curated) && models.add(model.getName())
                ? "read before %s@%d was published".formatted(model.getName(), model.getVersion())
                : null,
        ModelPublished::getPublishedAt);
  }

  private static String text(CuratedImage image) {
    return String.format(
        Locale.ROOT,
        "curated for %s by %s of %s, cosine %.4f%s, rank %d, window %d, model %s",
        image.getDataset(),
        image.getStrategy(),
        image.getQueryOrClusterId(),
        image.getSimilarity(),
        image.getThreshold() == null
            ? ""
            : String.format(Locale.ROOT, ", threshold %.4f", image.getThreshold()),
        image.getRank(),
        image.getWindow(),
        image.getSpaceId());
  }

  private static String text(PassedImage image) {
    String nearest =
        image.getSimilarity() == null
            ? "compared with no seed"
            : String.format(
                Locale.ROOT,
                "nearest to %s of %s, cosine %.4f, threshold %.4f",
                image.getSeedId(),
                image.getDataset(),
                image.getSimilarity(),
                image.getThreshold());
    return "passed over, %s: %s, window %d, model %s"
        .formatted(image.getReason(), nearest, image.getWindow(), image.getSpaceId());
  }

  private static boolean hasRead(List<TopicOffset> next, Map<Integer, Long> curated) {
    return next.stream()
        .filter(position -> position.getTopic().endsWith(Topics.IMAGE_CURATED.name()))
        .anyMatch(
            position -> {
              Long offset = curated.get(position.getPartition());
              return offset != null && position.getOffset() > offset;
            });
  }

  private void followFeatures() {
    read(
        Topics.IMAGE_FEATURE,
        feature ->
            isNamed(feature.getImageId())
                ? "described in %s, %d numbers"
                    .formatted(feature.getCls().getSpaceId(), feature.getCls().getDim())
                : null,
        feature -> feature.getComputedAt());
  }

  private boolean isNamed(String... candidates) {
    for (String candidate : candidates) {
      if (candidate != null && names.contains(candidate)) {
        return true;
      }
    }
    return false;
  }

  /** Adds an event for each record of which {@code verdict} isn't null. */
  private <T extends SpecificRecordBase> void read(
      Topic<T> topic, Function<T, String> verdict, Function<T, Instant> at) {
    visit(
        topic,
        message -> {
          String text = verdict.apply(message.value());
          if (text != null) {
            add(topic, message, at.apply(message.value()), text);
          }
        });
  }

  private <T extends SpecificRecordBase> void visit(
      Topic<T> topic, Consumer<ConsumerRecord<String, T>> visitor) {
    new TopicReader<>(kafka, topic).forEach(visitor);
  }

  private void add(Topic<?> topic, ConsumerRecord<?, ?> message, Instant at, String verdict) {
    events.add(new LifeEvent(at, topic.name(), message.partition(), message.offset(), verdict));
  }
}
