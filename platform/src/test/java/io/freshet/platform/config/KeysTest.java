package io.freshet.platform.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeysTest {
  @Test
  void spellsComponentsInSnakeCase() {
    assertEquals("shard_max_size", Keys.ofComponent("shardMaxSize"));
    assertEquals("dir", Keys.ofComponent("dir"));
    assertEquals("p99_millis", Keys.ofComponent("p99Millis"));
    assertEquals("max_url", Keys.ofComponent("maxURL"));
  }

  @Test
  void countsASwapAsOneEdit() {
    assertEquals(1, Keys.distance("retires", "retries"));
    assertEquals(3, Keys.distance("kitten", "sitting"));
    assertEquals(4, Keys.distance("", "abcd"));
  }

  @Test
  void suggestsNothingFarAway() {
    assertEquals(Optional.empty(), Keys.nearest("window", List.of("kafka.bootstrap", "http.port")));
    assertEquals(
        Optional.of("http.port"), Keys.nearest("httpd.prot", List.of("kafka.a", "http.port")));
  }
}
