package io.freshet.sink.parquet;

import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.Vectors;
import java.time.Instant;
import org.apache.flink.types.Either;

/**
 * A line of the files: a feature, or the news that the image was withdrawn. A withdrawal holds for
 * every row of the image in the space, whatever their times, for no feature is written after it.
 *
 * @param imageId 64 hex digits
 * @param spaceId {@code model@version/head/normalisation}
 * @param vector of length one; null when the image was withdrawn
 * @param decidedAt when the image became unique; null when it was withdrawn
 * @param at when the feature was computed or withdrawn; the row lies in the folder of this day, UTC
 */
public record FeatureRow(
    String imageId, String spaceId, float[] vector, Instant decidedAt, Instant at) {
  public FeatureRow {
    if ((vector == null) != (decidedAt == null)) {
      throw new IllegalArgumentException(
          "a feature of %s has a vector and the time of the decision, a withdrawal neither"
              .formatted(imageId));
    }
  }

  /** Of a change to {@code image.feature}: a key to erase, or a feature. */
  public static FeatureRow ofChange(Either<String, ImageFeature> change) {
    return change.isLeft() ? withdrawn(change.left(), Instant.now()) : written(change.right());
  }

  static FeatureRow written(ImageFeature feature) {
    return new FeatureRow(
        feature.getImageId(),
        feature.getCls().getSpaceId(),
        Vectors.toFloats(feature.getCls()),
        feature.getDecidedAt(),
        feature.getComputedAt());
  }

  /**
   * @param key of the erased feature, image_id|space_id
   */
  static FeatureRow withdrawn(String key, Instant at) {
    int bar = key.indexOf('|');
    if (bar < 0) {
      throw new IllegalArgumentException("'" + key + "' is no key of a feature, image_id|space_id");
    }
    return new FeatureRow(key.substring(0, bar), key.substring(bar + 1), null, null, at);
  }
}
