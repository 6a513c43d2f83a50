package io.freshet.sink.server;

import io.freshet.platform.kafka.KafkaClients;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ReleaseAnnouncement;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;

/**
 * Says in {@code model.published} that an alias was moved, so that features follow the champion.
 * Thread-safe; a connection lives as long as one announcement, which are rare.
 */
public final class AliasAnnouncer {
  private final KafkaConfig kafka;

  public AliasAnnouncer(KafkaConfig kafka) {
    this.kafka = kafka;
  }

  /**
   * Returns when the announcement is durable.
   *
   * @throws IllegalStateException when the broker did not take it in time
   */
  public void announce(Manifest target, String alias) {
    ModelPublished announcement = ReleaseAnnouncement.of(target, List.of(alias), Instant.now());
    KafkaProducer<String, ModelPublished> producer =
        KafkaClients.producer(kafka, Topics.MODEL_PUBLISHED);
    try {
      producer
          .send(KafkaClients.message(kafka, Topics.MODEL_PUBLISHED, announcement))
          .get(kafka.operationTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(
          "%s took no announcement of %s: %s"
              .formatted(kafka.bootstrapServers(), target.id(), e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while announcing " + target.id(), e);
    } finally {
      producer.close(Duration.ofSeconds(1));
    }
  }
}
