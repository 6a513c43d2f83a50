package io.freshet.deploy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchInputTest {
  @TempDir private Path temp;

  private static KafkaConfig kafka(String prefix) {
    return Config.defaults().with("kafka.topic_prefix", prefix).section("kafka", KafkaConfig.class);
  }

  private BatchInput of(String argument, String prefix) {
    return BatchInput.of(argument, kafka(prefix), temp);
  }

  private String refusal(String argument, String prefix) {
    return assertThrows(IllegalArgumentException.class, () -> of(argument, prefix)).getMessage();
  }

  @Test
  void knowsTheTopicByItsNameWithThePrefix() {
    BatchInput.Topic topic = new BatchInput.Topic("crawl.image.unique");
    assertEquals(topic, of("crawl.image.unique", "crawl."));
    assertEquals(topic, of("topic:crawl.image.unique", "crawl."));
  }

  @Test
  void takesADirectoryForOne() {
    assertEquals(new BatchInput.Directory(temp), of(temp.toString(), ""));
  }

  @Test
  void refusesATopicThatHoldsNoUniqueImages() {
    String refusal = refusal("topic:image.unique", "crawl.");
    assertTrue(refusal.contains("the topic that does is topic:crawl.image.unique"), refusal);
  }

  @Test
  void refusesANameThatIsNeither() {
    String refusal = refusal("image.curated", "");
    assertTrue(refusal.contains("is no directory, and not the topic image.unique"), refusal);
  }

  @Test
  void doesNotGuessBetweenADirectoryAndATopicOfOneName() throws IOException {
    Path directory = Files.createDirectory(temp.resolve("image.unique"));
    String refusal = refusal("image.unique", "");
    assertTrue(refusal.contains("write ./image.unique or topic:image.unique"), refusal);
    assertEquals(directory, ((BatchInput.Directory) of("./image.unique", "")).path().normalize());
    assertEquals(new BatchInput.Topic("image.unique"), of("topic:image.unique", ""));
    assertEquals(new BatchInput.Directory(directory), of("image.unique", "crawl."));
  }
}
