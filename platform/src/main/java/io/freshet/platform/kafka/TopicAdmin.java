package io.freshet.platform.kafka;

import io.freshet.schemas.Topic;
import io.freshet.schemas.Topics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Brings the topics of the contract into being and refuses those that would lose records.
 *
 * <p>Every topic stamps records with the broker's time ({@code LogAppendTime}). With the default,
 * {@code CreateTime}, retention goes by what producers claim: a Flink sink stamps event time, so a
 * photo of last year would be deleted at once, and one dated ahead would stop the job.
 */
public final class TopicAdmin {
  private static final String APPEND_TIME = "LogAppendTime";
  private static final long RETRY_MILLIS = 50;

  private TopicAdmin() {}

  /**
   * Creates every topic of {@link Topics} that doesn't exist and checks those that do. Safe to call
   * from several processes at once.
   *
   * @throws TopicException when an existing topic isn't {@code LogAppendTime}, is compacted where
   *     the contract keeps every record, or the cluster doesn't answer in time
   */
  public static void ensureTopics(KafkaConfig kafka) {
    ensureTopics(kafka, Topics.all());
  }

  /** As {@link #ensureTopics(KafkaConfig)} for some of the topics. */
  public static void ensureTopics(KafkaConfig kafka, Collection<Topic<?>> topics) {
    try (Admin admin = KafkaClients.admin(kafka)) {
      Set<String> existing = await(kafka, "list topics", admin.listTopics().names());
      for (Topic<?> topic : topics) {
        if (!existing.contains(kafka.nameOf(topic))) {
          create(admin, kafka, topic);
        }
      }
      verify(admin, kafka, topics);
    }
  }

  /** The topic-level settings that the contract asks for. */
  static Map<String, String> settings(KafkaConfig kafka, Topic<?> topic) {
    Map<String, String> settings = new HashMap<>();
    settings.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, APPEND_TIME);
    settings.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(kafka.maxRecord().bytes()));
    settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, cleanupPolicy(topic));
    settings.put(
        TopicConfig.RETENTION_MS_CONFIG,
        String.valueOf(topic.retention().map(keep -> keep.toMillis()).orElse(-1L)));
    return settings;
  }

  private static String cleanupPolicy(Topic<?> topic) {
    return switch (topic.cleanup()) {
      case DELETE -> TopicConfig.CLEANUP_POLICY_DELETE;
      case COMPACT -> TopicConfig.CLEANUP_POLICY_COMPACT;
    };
  }

  private static void create(Admin admin, KafkaConfig kafka, Topic<?> topic) {
    String name = kafka.nameOf(topic);
    NewTopic wanted =
        new NewTopic(name, kafka.partitions(), kafka.replication()).configs(settings(kafka, topic));
    try {
      await(kafka, "create topic " + name, admin.createTopics(List.of(wanted)).all());
    } catch (TopicException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }

  private static void verify(Admin admin, KafkaConfig kafka, Collection<Topic<?>> topics) {
    Map<ConfigResource, Topic<?>> resources = new HashMap<>();
    for (Topic<?> topic : topics) {
      resources.put(new ConfigResource(ConfigResource.Type.TOPIC, kafka.nameOf(topic)), topic);
    }
    List<String> faults = new ArrayList<>();
    describe(admin, kafka, resources.keySet())
        .forEach((resource, actual) -> check(resources.get(resource), resource, actual, faults));
    if (!faults.isEmpty()) {
      throw new TopicException(String.join("; ", faults));
    }
  }

  /** A broker learns of a new topic a moment after the controller has created it. */
  private static Map<ConfigResource, Config> describe(
      Admin admin, KafkaConfig kafka, Set<ConfigResource> topics) {
    long deadline = System.nanoTime() + kafka.operationTimeout().toNanos();
    while (true) {
      try {
        return await(kafka, "describe topics", admin.describeConfigs(topics).all());
      } catch (TopicException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
            || System.nanoTime() > deadline) {
          throw e;
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TopicException("interrupted while waiting for new topics", e);
    }
  }

  private static void check(
      Topic<?> topic, ConfigResource resource, Config actual, List<String> faults) {
    require(
        actual, resource.name(), TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, APPEND_TIME, faults);
    if (topic.cleanup() == Topic.Cleanup.DELETE) {
      require(
          actual,
          resource.name(),
          TopicConfig.CLEANUP_POLICY_CONFIG,
          TopicConfig.CLEANUP_POLICY_DELETE,
          faults);
    }
  }

  private static void require(
      Config actual, String topic, String key, String wanted, List<String> faults) {
    String found = actual.get(key).value();
    if (!wanted.equals(found)) {
      faults.add(
          "topic %s has %s=%s, but records would be lost without %s: kafka-configs --alter --topic"
                  .formatted(topic, key, found, wanted)
              + " %s --add-config %s=%s".formatted(topic, key, wanted));
    }
  }

  private static <V> V await(KafkaConfig kafka, String what, KafkaFuture<V> future) {
    try {
      return future.get(kafka.operationTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new TopicException(
          "can't %s at %s: %s".formatted(what, kafka.bootstrapServers(), e.getCause().getMessage()),
          e.getCause());
    } catch (TimeoutException e) {
      throw new TopicException(
          "can't %s: %s gave no answer within %s"
              .formatted(what, kafka.bootstrapServers(), kafka.operationTimeout()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TopicException("interrupted while waiting to " + what, e);
    }
  }
}
