package io.freshet.trainer.data;

import io.freshet.schemas.BlobRef;
import io.freshet.schemas.CuratedImage;

/**
 * A curated image that a batch may be drawn from: where its pixels lie and which part of the
 * curated distribution it stands for.
 *
 * @param imageId 64 hex digits
 * @param dataset the curated data set that attracted it
 * @param concept the seed or cluster within the data set; the balanced tier draws concepts evenly
 */
public record Sample(String imageId, BlobRef blob, String dataset, String concept) {
  public Sample {
    if (imageId.isEmpty() || dataset.isEmpty()) {
      throw new IllegalArgumentException(
          "a sample needs an image id and a data set, got '%s' and '%s'"
              .formatted(imageId, dataset));
    }
  }

  public static Sample of(CuratedImage curated) {
    return new Sample(
        curated.getImageId(),
        curated.getBlob(),
        curated.getDataset(),
        curated.getQueryOrClusterId());
  }

  /** The unit of balance: a concept of a data set. */
  String bucket() {
    return dataset + '/' + concept;
  }
}
