package io.freshet.deploy.backfill;

import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.BackfillOrder;
import io.freshet.schemas.BackfillProgress;
import io.freshet.schemas.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How far a backfill is, over the buckets that have told of it.
 *
 * @param order what was ordered
 * @param told the buckets
 * @param images stored when it began
 * @param done written, passed over or unavailable
 * @param at when the newest figure was made; empty when no task has begun
 */
public record BackfillStatus(
    BackfillOrder order,
    Set<Integer> told,
    long images,
    long done,
    long embedded,
    long passedOver,
    long unavailable,
    Optional<Instant> beganAt,
    Optional<Instant> at) {
  public BackfillStatus {
    told = Set.copyOf(told);
  }

  /** Of the newest order; empty when there never was one. */
  public static Optional<BackfillStatus> read(KafkaConfig kafka) {
    return newestOrder(kafka)
        .map(
            order ->
                of(
                    order,
                    new TopicReader<>(kafka, Topics.FEATURE_BACKFILL_PROGRESS)
                        .latestByKey()
                        .values()));
  }

  /** Empty when there never was one. */
  public static Optional<BackfillOrder> newestOrder(KafkaConfig kafka) {
    return new TopicReader<>(kafka, Topics.FEATURE_BACKFILL)
        .latestByKey().values().stream().findFirst();
  }

  static BackfillStatus of(BackfillOrder order, Collection<BackfillProgress> newest) {
    List<BackfillProgress> told =
        newest.stream()
            .filter(progress -> progress.getOrderedAt().equals(order.getOrderedAt()))
            .toList();
    long images = told.stream().mapToLong(BackfillProgress::getImages).sum();
    long embedded = told.stream().mapToLong(BackfillProgress::getEmbedded).sum();
    long passedOver = told.stream().mapToLong(BackfillProgress::getPassedOver).sum();
    long unavailable = told.stream().mapToLong(BackfillProgress::getUnavailable).sum();
    return new BackfillStatus(
        order,
        told.stream().map(BackfillProgress::getBucket).collect(Collectors.toSet()),
        images,
        embedded + passedOver + unavailable,
        embedded,
        passedOver,
        unavailable,
        told.stream().map(BackfillProgress::getBeganAt).min(Instant::compareTo),
        told.stream().map(BackfillProgress::getAt).max(Instant::compareTo));
  }

  /** Every bucket that has begun is through; others may not have begun. */
  public boolean ended() {
    return at.isPresent() && done == images;
  }

  /**
   * Every bucket is through.
   *
   * @param buckets those in which images are stored
   */
  public boolean ended(Set<Integer> buckets) {
    return ended() && told.containsAll(buckets);
  }

  /**
   * Images that the backfill wrote a second since it was at {@code earlier}, or since it began;
   * empty when no time has passed.
   */
  public Optional<Double> imagesPerSecond(Optional<BackfillStatus> earlier) {
    Optional<Instant> from = earlier.isPresent() ? earlier.get().at() : beganAt;
    if (from.isEmpty() || at.isEmpty() || !at.get().isAfter(from.get())) {
      return Optional.empty();
    }
    long before = earlier.map(BackfillStatus::embedded).orElse(0L);
    return Optional.of(
        (embedded - before) * 1e3 / Math.max(1, Duration.between(from.get(), at.get()).toMillis()));
  }
}
