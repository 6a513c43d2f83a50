package io.freshet.curator.job;

import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.Origin;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.Topics;
import java.io.Serializable;
import java.util.List;

/** What {@code seed.registered} means now, read beside the stream. */
@FunctionalInterface
interface SeedTopic extends Serializable {
  /** The registrations that hold, each with its offset. */
  List<WindowChange> read();

  /** Reads the topic from its beginning to its present end. */
  static List<WindowChange> registered(KafkaConfig kafka) {
    return new TopicReader<SeedImage>(kafka, Topics.SEED_REGISTERED)
        .latestMessages().values().stream()
            .filter(message -> message.value().getRole() == SeedRole.SEED)
            .map(
                message ->
                    WindowChange.registered(
                        new Origin(message.topic(), message.partition(), message.offset()),
                        message.value()))
            .toList();
  }
}
