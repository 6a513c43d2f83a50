package io.freshet.trainer.run;

import io.freshet.platform.kafka.KafkaClients;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.Topics;
import io.freshet.trainer.release.ReleasePublisher;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;

/** The topic {@code model.published}. Thread-safe. */
final class Announcements implements ReleasePublisher.Announcer, AutoCloseable {
  private final KafkaConfig kafka;
  private final KafkaProducer<String, ModelPublished> producer;

  Announcements(KafkaConfig kafka) {
    this.kafka = kafka;
    this.producer = KafkaClients.producer(kafka, Topics.MODEL_PUBLISHED);
  }

  /** The newest announcement of a model. */
  Optional<ModelPublished> newest(String model) {
    return Optional.ofNullable(
        new TopicReader<>(kafka, Topics.MODEL_PUBLISHED).latestByKey().get(model));
  }

  @Override
  public void announce(ModelPublished announcement) {
    try {
      producer
          .send(KafkaClients.message(kafka, Topics.MODEL_PUBLISHED, announcement))
          .get(kafka.operationTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "announcing was interrupted; it is done at the next start", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(
          "%s@%d was published but could not be announced; that is done at the next start"
              .formatted(announcement.getName(), announcement.getVersion()),
          e);
    }
  }

  @Override
  public void close() {
    producer.close(kafka.operationTimeout());
  }
}
