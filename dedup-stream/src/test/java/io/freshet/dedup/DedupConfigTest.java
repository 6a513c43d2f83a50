package io.freshet.dedup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.similarity.Normalisation;
import io.freshet.dedup.state.Retention;
import io.freshet.platform.config.Config;
import io.freshet.platform.config.ConfigException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DedupConfigTest {
  @Test
  void defaultsAreRecordedHere() {
    assertEquals(
        new DedupConfig(
            new DedupConfig.Hash(31, 50),
            new DedupConfig.Embedding(
                "",
                0.97,
                0.97,
                8,
                Duration.ofMillis(50),
                128,
                131_072,
                32,
                0.12,
                new Normalisation(0, 3, 4096, 65_536)),
            Retention.ALL),
        Config.defaults().section("dedup", DedupConfig.class));
  }

  @ParameterizedTest
  @CsvSource({
    "dedup.hash.max_distance, 32",
    "dedup.hash.min_quality, -1",
    "dedup.embedding.threshold, 1.0",
    "dedup.embedding.threshold, .nan",
    "dedup.embedding.benchmark_threshold, 0",
    "dedup.embedding.benchmark_threshold, 0.98",
    "dedup.embedding.batch, 0",
    "dedup.embedding.linger, 2m",
    "dedup.embedding.cell_entries, 15",
    "dedup.embedding.cells, 0",
    "dedup.embedding.probes, 0",
    "dedup.embedding.probe_margin, -0.1",
    "dedup.embedding.probe_margin, 2.1",
    "dedup.embedding.probe_margin, .nan",
    "dedup.embedding.normalisation.weight, -0.1",
    "dedup.embedding.normalisation.weight, 2.1",
    "dedup.embedding.normalisation.weight, .nan",
    "dedup.embedding.normalisation.nearest, 0",
    "dedup.embedding.normalisation.background, 15",
    "dedup.embedding.normalisation.background, 16385",
    "dedup.embedding.normalisation.renewal, 4095",
    "dedup.retention.images, -1",
    "dedup.retention.age, -1s",
  })
  void refusesValuesThatCannotWork(String key, String value) {
    Config config = Config.defaults().with(key, value);
    ConfigException refused =
        assertThrows(ConfigException.class, () -> config.section("dedup", DedupConfig.class));
    String name = key.substring(key.lastIndexOf('.') + 1);
    assertTrue(refused.getMessage().contains(name), refused.getMessage());
  }
}
