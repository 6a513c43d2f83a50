package io.freshet.platform.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.broker.BrokerConfig;
import io.freshet.platform.config.Config;
import io.freshet.platform.config.ConfigException;
import io.freshet.platform.config.DataSize;
import io.freshet.platform.kafka.KafkaConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlinkConfigTest {
  @Test
  void defaultsAreWhatTheReferenceSays() {
    assertEquals(
        new FlinkConfig(
            Path.of(".state/flink"),
            1,
            8,
            Duration.ofSeconds(10),
            Duration.ofMinutes(10),
            2,
            Duration.ofHours(1),
            Duration.ofMinutes(5),
            0,
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            0,
            DataSize.ofMebibytes(256),
            DataSize.ofMebibytes(64),
            Duration.ofSeconds(25)),
        Config.defaults().section("flink", FlinkConfig.class));
    assertEquals(
        new KafkaConfig(
            "127.0.0.1:19092",
            "",
            4,
            (short) 1,
            DataSize.ofMebibytes(16),
            "lz4",
            Duration.ofMinutes(1),
            Map.of()),
        Config.defaults().section("kafka", KafkaConfig.class));
    assertEquals(
        new BrokerConfig(
            Path.of(".state/kafka"),
            19_092,
            DataSize.ofMebibytes(16),
            Duration.ofHours(1),
            Duration.ofMinutes(2),
            Duration.ofSeconds(20)),
        Config.defaults().section("broker", BrokerConfig.class));
  }

  @Test
  void theBrokerAllowsTheTransactionTimeoutOfTheJobs() {
    Duration asked = Config.defaults().section("flink", FlinkConfig.class).transactionTimeout();
    Duration most = Config.defaults().section("broker", BrokerConfig.class).transactionMaxTimeout();
    assertTrue(asked.compareTo(most) <= 0, asked + " > " + most);
  }

  @Test
  void refusesATransactionTimeoutThatARestartCouldOutlast() {
    Config config = Config.defaults().with("flink.transaction_timeout", "15m");
    ConfigException refused =
        assertThrows(ConfigException.class, () -> config.section("flink", FlinkConfig.class));
    assertTrue(refused.getMessage().contains("checkpoint_timeout + restart_allowance"));
  }

  @ParameterizedTest
  @CsvSource({
    "flink.parallelism, 129",
    "flink.parallelism, 0",
    "flink.slots, 0",
    "flink.checkpoint_interval, 1ms",
    "flink.checkpoint_timeout, 1s",
    "flink.restart_attempts, -1",
    "flink.committed_checkpoint, -1",
    "flink.retained_checkpoints, 0",
  })
  void refusesValuesOutOfRange(String key, String value) {
    Config config = Config.defaults().with(key, value);
    assertThrows(ConfigException.class, () -> config.section("flink", FlinkConfig.class));
  }
}
