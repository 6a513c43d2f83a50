package io.freshet.platform.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.testing.JavaSerialization;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigTest {
  private static final String YAML =
      """
      fetch:
        user_agent: Freshet/1.0
        retries: 3
        max_body: 32MiB
        read_timeout: 500ms
        dir: .state/fetch
        backoff: 1.5
        strict: true
        proxy: null
        policy: polite
        schemes: [http, https]
        per_host_delay: {}
        robots:
          obey: true
          cache: 1h
          agents: []
        rules: []
      empty: {}
      """;

  enum Policy {
    POLITE,
    EAGER
  }

  record Rule(String host, Optional<Integer> port) implements Serializable {}

  record Robots(boolean obey, Duration cache, List<String> agents) implements Serializable {}

  record Fetch(
      String userAgent,
      int retries,
      DataSize maxBody,
      Duration readTimeout,
      Path dir,
      double backoff,
      boolean strict,
      Optional<String> proxy,
      Policy policy,
      List<String> schemes,
      Map<String, Duration> perHostDelay,
      Robots robots,
      List<Rule> rules)
      implements Serializable {
    Fetch {
      if (retries < 0) {
        throw new IllegalArgumentException("retries is " + retries + ", must be 0 or more");
      }
    }
  }

  private final Config config = Config.parse(YAML);

  private Fetch fetch(Config of) {
    return of.section("fetch", Fetch.class);
  }

  private String refusal(String diff) {
    return assertThrows(
            ConfigException.class, () -> fetch(config.withYaml("mine.yaml", diff)), diff)
        .getMessage();
  }

  @Test
  void readsEveryType() {
    assertEquals(
        new Fetch(
            "Freshet/1.0",
            3,
            DataSize.ofMebibytes(32),
            Duration.ofMillis(500),
            Path.of(".state/fetch"),
            1.5,
            true,
            Optional.empty(),
            Policy.POLITE,
            List.of("http", "https"),
            Map.of(),
            new Robots(true, Duration.ofHours(1), List.of()),
            List.of()),
        fetch(config));
  }

  @Test
  void laysADiffOverWithoutTouchingTheRest() {
    Fetch fetch =
        fetch(
            config.withYaml(
                "mine.yaml",
                """
                fetch:
                  proxy: http://proxy:3128
                  per_host_delay: {example.org: 2s}
                  robots: {cache: 5m}
                  rules: [{host: a}, {host: b, port: 80}]
                """));
    assertEquals(Optional.of("http://proxy:3128"), fetch.proxy());
    assertEquals(Map.of("example.org", Duration.ofSeconds(2)), fetch.perHostDelay());
    assertEquals(new Robots(true, Duration.ofMinutes(5), List.of()), fetch.robots());
    assertEquals(
        List.of(new Rule("a", Optional.empty()), new Rule("b", Optional.of(80))), fetch.rules());
    assertEquals(3, fetch.retries());
  }

  @Test
  void setsSingleKeys() {
    Config set =
        config
            .with("fetch.retries", "7")
            .with("fetch.schemes", "[ftp]")
            .with("fetch.robots.obey", "false")
            .with("fetch.per_host_delay", "{a: 1s}")
            .with("fetch.policy", "eager");
    assertEquals(7, fetch(set).retries());
    assertEquals(List.of("ftp"), fetch(set).schemes());
    assertEquals(false, fetch(set).robots().obey());
    assertEquals(Map.of("a", Duration.ofSeconds(1)), fetch(set).perHostDelay());
    assertEquals(Policy.EAGER, fetch(set).policy());
    assertEquals(Optional.empty(), fetch(set.with("fetch.proxy", "null")).proxy());
  }

  @Test
  void namesTheNearestKeyOfAnUnknownOne() {
    String message = refusal("fetch:\n  retires: 5\n");
    assertTrue(message.contains("mine.yaml line 2"), message);
    assertTrue(message.contains("unknown key fetch.retires (= 5)"), message);
    assertTrue(message.contains("did you mean fetch.retries?"), message);
    assertTrue(refusal("retries: 5").contains("did you mean fetch.retries?"));
    assertTrue(refusal("quite_another_thing: 5").contains("defaults.yaml lists every key"));
    assertTrue(refusal("empty:\n  made_up: 1").contains("unknown key empty.made_up"));
    assertTrue(refusal("fetch: {rules: [{hots: a}]}").contains("fetch.rules[0].host?"));
  }

  @Test
  void refusesAKeyThatTheRecordDoesNotHave() {
    Config other = Config.parse("fetch: {host: a, prot: 1}");
    String message =
        assertThrows(ConfigException.class, () -> other.section("fetch", Rule.class)).getMessage();
    assertTrue(message.contains("did you mean fetch.port?"), message);
  }

  @Test
  void namesAMissingKey() {
    Config other = Config.parse("fetch: {port: 1}");
    String message =
        assertThrows(ConfigException.class, () -> other.section("fetch", Rule.class)).getMessage();
    assertTrue(message.contains("missing key fetch.host (String)"), message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "retries: many",
        "retries: 1.5",
        "retries: 99999999999",
        "retries: null",
        "retries: [1]",
        "retries: {a: 1}",
        "max_body: 32",
        "max_body: 32MB",
        "max_body: -1MiB",
        "max_body: 99999999999TiB",
        "read_timeout: 5",
        "read_timeout: 5 parsecs",
        "backoff: .nan",
        "backoff: NaN",
        "backoff: Infinity",
        "strict: maybe",
        "strict: 1",
        "policy: rude",
        "dir: ''",
        "schemes: http",
        "schemes: {a: b}",
        "robots: true",
        "robots: {cache: soon}",
        "per_host_delay: 5s",
        "per_host_delay: {a: soon}",
        "rules: [a]"
      })
  void refusesWrongTypesAndSaysWhere(String setting) {
    String message = refusal("fetch:\n  " + setting + "\n");
    assertTrue(message.contains("mine.yaml"), message);
    assertTrue(message.contains("fetch." + setting.substring(0, setting.indexOf(':'))), message);
  }

  @Test
  void tellsWhatTheRecordRefused() {
    String message = refusal("fetch: {retries: -1}");
    assertTrue(message.contains("mine.yaml"), message);
    assertTrue(message.contains("fetch is refused: retries is -1"), message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fetch: {retries: !!java.lang.Integer 5}",
        "fetch: !!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL [x]]]]",
        "fetch: !custom {retries: 5}",
        "!!map {fetch: {retries: 5}}",
        "fetch: &anchor {retries: 5}",
        "fetch: {user_agent: &a x, proxy: *a}",
        "fetch: {retries: 5, retries: 6}",
        "fetch: {retries: 5}\nfetch: {retries: 6}",
        "fetch: {retries: 5}\n---\nfetch: {retries: 6}",
        "- fetch",
        "just text",
        "fetch: [unclosed",
        "fetch:\n\tretries: 5"
      })
  void refusesWhatIsNoPlainMapping(String yaml) {
    assertThrows(ConfigException.class, () -> config.withYaml("mine.yaml", yaml));
  }

  @Test
  void refusesDeepAndLongText() {
    String deep = "fetch: " + "[".repeat(5_000) + "]".repeat(5_000);
    assertThrows(ConfigException.class, () -> config.withYaml("mine.yaml", deep));
    String wide = "# " + "x".repeat(ConfigReader.MAX_CHARS);
    assertThrows(ConfigException.class, () -> config.withYaml("mine.yaml", wide));
  }

  @Test
  void writesWhatItReadsBack() {
    Config changed =
        config
            .with("fetch.user_agent", "true: \"no\" # 5\nmore")
            .with("fetch.proxy", "~")
            .withYaml("mine.yaml", "fetch: {per_host_delay: {'5': 1s}, rules: [{host: 'null'}]}");
    Config again = Config.parse(changed.toYaml());
    assertEquals(fetch(changed), fetch(again));
    assertEquals("~", fetch(again).proxy().orElseThrow());
    assertEquals(changed.toYaml(), again.toYaml());
    assertEquals(fetch(changed), fetch(config.withYaml("whole", changed.toYaml())));
  }

  @Test
  void survivesSerialization() throws IOException, ClassNotFoundException {
    Config shipped = (Config) JavaSerialization.shipped(config.with("fetch.retries", "9"));
    assertEquals(9, fetch(shipped).retries());
  }

  @Test
  void readsFilesAndNamesMissingOnes(@TempDir Path dir) throws IOException {
    Path file = Files.writeString(dir.resolve("mine.yaml"), "fetch: {retries: 4}\n");
    assertEquals(4, fetch(config.with(file)).retries());
    assertEquals(3, fetch(config.with(Files.writeString(file, "# nothing\n"))).retries());
    Path missing = dir.resolve("missing.yaml");
    assertTrue(
        assertThrows(ConfigException.class, () -> config.with(missing))
            .getMessage()
            .contains(missing.toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"../secrets", "/etc/passwd", "", "No", "a/b", "nowhere"})
  void refusesProfilesThatAreNone(String name) {
    assertThrows(ConfigException.class, () -> config.profile(name));
  }

  @Test
  void packsTheDefaultsIntoTheJar() {
    List<String> keys = Config.defaults().keys();
    assertTrue(keys.containsAll(List.of("kafka", "blobs", "registry", "http")), keys.toString());
  }

  @Test
  void namesAnUnknownSection() {
    String message =
        assertThrows(ConfigException.class, () -> config.section("fetsh", Fetch.class))
            .getMessage();
    assertTrue(message.contains("did you mean fetch?"), message);
  }
}
