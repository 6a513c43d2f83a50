package io.freshet.sink.feature;

import io.freshet.schemas.BackfillOrder;
import io.freshet.schemas.BackfillProgress;
import java.io.Serializable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * Walks the stored images of a bucket from the newest to the oldest and finds those that lack a
 * feature in the champion's space. Newest first, because they are what people look for, and because
 * whoever stops half-way has the part that is least far from the live stream.
 *
 * <p>What is stored after a backfill began has its feature from the live path. Position and images
 * are keyed state, of the current key.
 */
final class Backfill {
  private final StoredImages stored;
  private final ValueState<BackfillPosition> position;

  /** Whether an image lacks the feature; may read state. */
  @FunctionalInterface
  interface Lack extends Serializable {
    boolean of(StoredImage image) throws Exception;
  }

  /**
   * @param images at least one, unless the walk was cut short or has ended
   * @param lookedAt so many stored images were looked at to find them
   */
  record Batch(List<StoredImage> images, long lookedAt) {}

  Backfill(RuntimeContext context) {
    stored = new StoredImages(context);
    position =
        context.getState(
            new ValueStateDescriptor<>(
                "backfill-position", TypeInformation.of(BackfillPosition.class)));
  }

  /** Images that were embedded for the first time. */
  void store(List<StoredImage> images) throws Exception {
    if (!images.isEmpty()) {
      stored.add(images);
    }
  }

  /** Whether there is something to do; another order or space than before begins anew. */
  boolean isDue(BackfillOrder order, String space, Instant now) throws Exception {
    BackfillPosition before = position.value();
    if (before == null || !before.obeys(space, order.getOrderedAt())) {
      position.update(BackfillPosition.begin(space, order.getOrderedAt(), stored.size(), now));
      return true;
    }
    return !before.ended();
  }

  /**
   * The next images that lack the feature.
   *
   * @param most of them
   * @param mostLookedAt bounds the walk over images that have it
   */
  Batch next(Lack lack, int most, int mostLookedAt) throws Exception {
    List<StoredImage> images = new ArrayList<>();
    long first = position.value().next();
    long number = first;
    while (number >= 0) {
      for (StoredImage image : stored.downFrom(number)) {
        number--;
        if (lack.of(image)) {
          images.add(image);
        }
        if (images.size() == most || first - number >= mostLookedAt) {
          return new Batch(images, first - number);
        }
      }
    }
    return new Batch(images, first - number);
  }

  /** After a batch was written. */
  BackfillProgress advance(int bucket, Batch batch, long unavailable, Instant now)
      throws Exception {
    BackfillPosition after =
        position
            .value()
            .advanced(batch.lookedAt(), batch.images().size() - unavailable, unavailable);
    position.update(after);
    return after.progress(bucket, now);
  }
}
