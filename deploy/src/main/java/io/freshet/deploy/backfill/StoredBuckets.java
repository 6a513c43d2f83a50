package io.freshet.deploy.backfill;

import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.sink.feature.FeatureConfig;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The buckets of the feature job that hold images, and so take part in a backfill: one to which no
 * image ever belonged never tells of it. Looks into the topics at most once, and not at all where
 * every bucket has told. One owner thread.
 */
public final class StoredBuckets {
  private final KafkaConfig kafka;
  private final FeatureConfig features;
  private Set<Integer> found;

  public StoredBuckets(KafkaConfig kafka, FeatureConfig features) {
    this.kafka = kafka;
    this.features = features;
  }

  /** Whether each of them is through. */
  public boolean ended(BackfillStatus status) {
    Set<Integer> all = IntStream.range(0, features.buckets()).boxed().collect(Collectors.toSet());
    return status.ended() && (status.ended(all) || status.ended(found()));
  }

  private Set<Integer> found() {
    if (found == null) {
      Set<String> withdrawn = new HashSet<>();
      new TopicReader<>(kafka, Topics.IMAGE_REVOKED)
          .stream().map(Revocation::getTarget).forEach(withdrawn::add);
      new TopicReader<>(kafka, Topics.IMAGE_RETRACTED)
          .stream().map(RetractedImage::getImageId).forEach(withdrawn::add);
      Set<Integer> buckets = new HashSet<>();
      new TopicReader<>(kafka, Topics.IMAGE_UNIQUE)
          .forEach(
              message -> {
                UniqueImage image = message.value();
                if (!withdrawn.contains(image.getImageId())
                    && !withdrawn.contains(image.getSource().getImageUrl())) {
                  buckets.add(features.bucketOf(image.getImageId()));
                }
              });
      found = buckets;
    }
    return found;
  }
}
