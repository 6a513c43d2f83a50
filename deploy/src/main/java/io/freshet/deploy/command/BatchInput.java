package io.freshet.deploy.command;

import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.schemas.Topics;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a user wants curated. {@code topic:NAME} is a topic and what holds a slash is a directory.
 * Of other names, that of {@code image.unique} in the configured Kafka is the topic, and every
 * other one a directory; a directory of the topic's own name must be written with a slash.
 */
sealed interface BatchInput {
  /** A directory that exists. */
  record Directory(Path path) implements BatchInput {}

  /** {@code image.unique}. */
  record Topic(String name) implements BatchInput {}

  /** Marks a topic, whatever directories there are. */
  String TOPIC = "topic:";

  /**
   * @param from what a relative path starts from
   * @throws IllegalArgumentException when it is none, or could be both
   */
  static BatchInput of(String argument, KafkaConfig kafka, Path from) {
    String topic = kafka.nameOf(Topics.IMAGE_UNIQUE);
    boolean marked = argument.startsWith(TOPIC);
    if (marked && !argument.equals(TOPIC + topic)) {
      throw new IllegalArgumentException(
          "'%s' holds no images that stand; the topic that does is %s%s (kafka.topic_prefix is '%s')"
              .formatted(argument, TOPIC, topic, kafka.topicPrefix()));
    }
    Path path = from.resolve(argument);
    boolean directory = !marked && Files.isDirectory(path);
    if (argument.equals(topic) && directory) {
      throw new IllegalArgumentException(
          "%s is a directory here and a topic; write ./%s or %s%s"
              .formatted(argument, argument, TOPIC, topic));
    }
    if (marked || argument.equals(topic)) {
      return new Topic(topic);
    }
    if (!directory) {
      throw new IllegalArgumentException(
          "%s is no directory, and not the topic %s".formatted(argument, topic));
    }
    return new Directory(path);
  }
}
