package io.freshet.deploy.backfill;

import io.freshet.platform.flink.PartKeys;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.sink.feature.FeatureConfig;
import java.util.HashSet;
import java.util.Set;

/**
 * The buckets of the feature job that hold images, and so take part in a backfill: one to which no
 * image ever belonged never tells of it. Looks into the topics at most once, and not at all where
 * every bucket has told. One owner thread.
 */
public final class StoredBuckets {
  private final KafkaConfig kafka;
  private final PartKeys buckets;
  private Set<Integer> found;

  public StoredBuckets(KafkaConfig kafka, FeatureConfig features) {
    this.kafka = kafka;
    this.buckets = features.bucketKeys();
  }

  /** Whether each of them is through. */
  public boolean ended(BackfillStatus status) {
    return status.ended() && (status.ended(buckets.all()) || status.ended(found()));
  }

  private Set<Integer> found() {
    if (found == null) {
      Set<String> withdrawn = new HashSet<>();
      new TopicReader<>(kafka, Topics.IMAGE_REVOKED)
          .stream().map(Revocation::getTarget).forEach(withdrawn::add);
      new TopicReader<>(kafka, Topics.IMAGE_RETRACTED)
          .stream().map(RetractedImage::getImageId).forEach(withdrawn::add);
      Set<Integer> holding = new HashSet<>();
      new TopicReader<>(kafka, Topics.IMAGE_UNIQUE)
          .forEach(
              message -> {
                UniqueImage image = message.value();
                if (!withdrawn.contains(image.getImageId())
                    && !withdrawn.contains(image.getSource().getImageUrl())) {
                  holding.add(buckets.keyOf(image.getImageId()));
                }
              });
      found = holding;
    }
    return found;
  }
}
