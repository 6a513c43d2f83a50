package io.freshet.platform.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.Config;
import io.freshet.platform.config.ConfigException;
import io.freshet.platform.kafka.KafkaConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobMainTest {
  private static KafkaConfig kafka(Config config) {
    return config.section("kafka", KafkaConfig.class);
  }

  @Test
  void laysOptionsOverTheDefaultsInTheirOrder(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("mine.yaml"), "kafka: {partitions: 7}\n");
    String[] fileLast = {"--set", "kafka.partitions=3", "--config", file.toString()};
    String[] setLast = {"--config", file.toString(), "--set", "kafka.partitions=3"};
    assertEquals(7, kafka(JobMain.config(fileLast)).partitions());
    assertEquals(3, kafka(JobMain.config(setLast)).partitions());
    assertEquals(
        kafka(Config.defaults()).partitions(), kafka(JobMain.config(new String[0])).partitions());
  }

  @Test
  void keepsEqualsSignsOfTheValue() {
    String[] args = {"--set", "kafka.bootstrap_servers=a=b:1"};
    assertEquals("a=b:1", kafka(JobMain.config(args)).bootstrapServers());
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    for (String[] args :
        new String[][] {
          {"--conf", "x"}, {"--config"}, {"--set", "kafka.partitions"}, {"--set", "=1"}
        }) {
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> JobMain.config(args),
              () -> String.join(" ", args));
      assertTrue(refused.getMessage().contains(args[0]), refused::toString);
    }
    assertThrows(
        ConfigException.class, () -> JobMain.config(new String[] {"--set", "kafka.partition=1"}));
  }
}
