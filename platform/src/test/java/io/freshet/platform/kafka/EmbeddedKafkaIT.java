package io.freshet.platform.kafka;

import io.freshet.platform.broker.BrokerConfig;
import io.freshet.platform.broker.EmbeddedBroker;
import io.freshet.platform.config.Config;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaIT extends KafkaBehaviour {
  private static EmbeddedBroker broker;

  @BeforeAll
  static void start(@TempDir Path directory) {
    broker =
        EmbeddedBroker.start(
            Config.defaults()
                .with("broker.data_dir", directory.resolve("kafka").toString())
                .with("broker.port", "0")
                .section("broker", BrokerConfig.class));
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Override
  String bootstrapServers() {
    return broker.bootstrapServers();
  }
}
