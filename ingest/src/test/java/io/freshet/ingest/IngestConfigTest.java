package io.freshet.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.ingest.fetch.FetchConfig;
import io.freshet.ingest.fetch.FetchLoad;
import io.freshet.ingest.fetch.ResponseLimits;
import io.freshet.ingest.fetch.UrlConfig;
import io.freshet.ingest.html.HtmlConfig;
import io.freshet.ingest.intake.DecodeConfig;
import io.freshet.platform.config.Config;
import io.freshet.platform.config.ConfigException;
import io.freshet.platform.config.DataSize;
import io.freshet.vision.image.DecodeLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IngestConfigTest {
  private static final long KIB = 1 << 10;
  private static final long MIB = 1 << 20;

  private static Config defaults() throws IOException {
    return Config.parse(Files.readString(Path.of("..", "deploy", "conf", "defaults.yaml")));
  }

  @Test
  void recordsTheDefaults() throws IOException {
    IngestConfig expected =
        new IngestConfig(
            new HtmlConfig(new DataSize(8 * MIB), 500, 1024),
            new UrlConfig(4096, List.of(80, 443), List.of()),
            new FetchConfig(
                "Freshet/0.1 (image crawler; operator has set no contact)",
                5,
                2,
                Duration.ofMillis(500),
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                new ResponseLimits(new DataSize(32 * MIB), 100, new DataSize(8 * KIB)),
                new FetchLoad(16, 4, 128, Duration.ofMinutes(10))),
            new DecodeConfig(
                new DataSize(32 * MIB),
                16,
                16384,
                64_000_000,
                new DataSize(4 * MIB),
                Duration.ofSeconds(2)),
            Optional.of("bundled"));
    assertEquals(expected, defaults().section("ingest", IngestConfig.class));
  }

  @Test
  void decodesWithinTheLimitsOfTheDecoder() throws IOException {
    DecodeLimits limits = defaults().section("ingest", IngestConfig.class).decode().limits();
    assertEquals(DecodeLimits.DEFAULTS.maxPixels(), limits.maxPixels());
    assertEquals(DecodeLimits.DEFAULTS.timeout(), limits.timeout());
    assertEquals(16, limits.minSide());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ingest.urls.allow_private_addresses | [localhost]",
        "ingest.urls.ports | [0]",
        "ingest.urls.max_chars | 1",
        "ingest.html.max_images_per_page | 0",
        "ingest.html.max_page_bytes | 0B",
        "ingest.html.max_alt_bytes | 2000",
        "ingest.fetch.user_agent | ' '",
        "ingest.fetch.max_redirects | 99",
        "ingest.fetch.attempts | 0",
        "ingest.fetch.deadline | 0s",
        "ingest.fetch.response.max_body | 2GiB",
        "ingest.fetch.response.max_headers | 1",
        "ingest.fetch.response.max_header_line | 1B",
        "ingest.fetch.load.threads | 0",
        "ingest.fetch.load.per_host | 0",
        "ingest.fetch.load.in_flight | 3",
        "ingest.fetch.load.max_wait | 0s",
        "ingest.robots | true"
      })
  void refusesWhatCannotWork(String key, String value) {
    ConfigException refusal =
        assertThrows(
            ConfigException.class,
            () -> defaults().with(key, value).section("ingest", IngestConfig.class));
    assertTrue(refusal.getMessage().contains("ingest"), refusal.getMessage());
  }
}
