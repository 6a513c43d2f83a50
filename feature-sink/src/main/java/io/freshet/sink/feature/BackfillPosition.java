package io.freshet.sink.feature;

import io.freshet.schemas.BackfillProgress;
import java.time.Instant;

/**
 * How far a backfill is in a bucket: it goes from the newest image down to number 0. Kept in the
 * checkpoint.
 *
 * @param spaceId what features it writes
 * @param orderedAt which order it obeys
 * @param next number of the image that is looked at next; -1 when it has ended
 * @param images stored when it began
 */
public record BackfillPosition(
    String spaceId,
    Instant orderedAt,
    long next,
    long images,
    long embedded,
    long passedOver,
    long unavailable,
    Instant beganAt) {
  static BackfillPosition begin(String spaceId, Instant orderedAt, long images, Instant now) {
    return new BackfillPosition(spaceId, orderedAt, images - 1, images, 0, 0, 0, now);
  }

  boolean ended() {
    return next < 0;
  }

  /** Whether it obeys an order; another time or another space is another backfill. */
  boolean obeys(String space, Instant ordered) {
    return spaceId.equals(space) && orderedAt.equals(ordered);
  }

  /** After a batch. */
  BackfillPosition advanced(long looked, long written, long missing) {
    return new BackfillPosition(
        spaceId,
        orderedAt,
        next - looked,
        images,
        embedded + written,
        passedOver + looked - written - missing,
        unavailable + missing,
        beganAt);
  }

  BackfillProgress progress(int bucket, Instant now) {
    return new BackfillProgress(
        bucket, spaceId, orderedAt, images, embedded, passedOver, unavailable, beganAt, now);
  }
}
