package io.freshet.platform.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.registry.PublishOutcome.Published;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GarbageCollectionTest {
  private static final RetentionPolicy NEWEST =
      new RetentionPolicy(true, 1, Duration.ZERO, Duration.ofDays(2));
  private static final RetentionPolicy SWEEPING =
      new RetentionPolicy(true, 1, Duration.ZERO, Duration.ofHours(2));
  private static final Duration LATER = Duration.ofDays(1);

  @TempDir Path temp;
  private Path root;
  private FaultyFiles files;
  private ModelRegistry registry;

  @BeforeEach
  void open() {
    root = temp.resolve("registry");
    files = new FaultyFiles();
    registry = registry(Clock.systemUTC());
  }

  private ModelRegistry registry(Clock clock) {
    return registry(new RegistryConfig(root, NEWEST, SigningConfig.NONE), clock);
  }

  private ModelRegistry registry(RegistryConfig config, Clock clock) {
    return new StoredModelRegistry(config, new DirectoryStorage(root, files), clock);
  }

  /** The same a day later. */
  private ModelRegistry later() {
    return registry(Clock.offset(Clock.systemUTC(), LATER));
  }

  private void publish(String model, int releases) throws IOException {
    for (int i = 0; i < releases; i++) {
      Path staged = Releases.directory(temp, "staged-%s-%d".formatted(model, i), (byte) i, 5_000);
      assertInstanceOf(
          Published.class, registry.publish(model, staged, Releases.release("run-1", i)));
    }
  }

  private List<String> names() {
    return registry.versions().stream().map(ModelVersion::toString).toList();
  }

  private static ModelVersion version(int number) {
    return new ModelVersion("freshet", number);
  }

  @Test
  void theNewestOfEachModelAndWhatAliasesNeedStay() throws IOException {
    publish("freshet", 6);
    publish("bootstrap", 1);
    registry.moveAlias("champion", version(1));
    registry.moveAlias("champion", version(2));
    registry.moveAlias("champion", version(4));
    registry.moveAlias("champion", version(4), "said again");
    Garbage garbage = later().garbage(NEWEST);
    assertEquals(Set.of(version(1), version(3), version(5)), garbage.releases().keySet());
    assertTrue(garbage.releases().get(version(1)) > 5_000, garbage.toString());
    assertEquals(7, names().size());
    assertEquals(garbage, later().removeGarbage(NEWEST));
    assertEquals(List.of("bootstrap@1", "freshet@2", "freshet@4", "freshet@6"), names());
    assertEquals(0, filesAside());
    // A rollback still finds its release, and the next number is new.
    assertEquals(version(2), registry.rollback("champion", "worse"));
    publish("freshet", 1);
    assertTrue(names().contains("freshet@7"), names().toString());
  }

  @Test
  void happensByItselfWhereThePolicySaysSo() throws IOException {
    publish("freshet", 2);
    later().tidy();
    assertEquals(List.of("freshet@2"), names());
    publish("freshet", 1);
    registry(new RegistryConfig(root), Clock.offset(Clock.systemUTC(), LATER)).tidy();
    assertEquals(List.of("freshet@2", "freshet@3"), names());
  }

  @Test
  void whoeverReadsReadsOn() throws IOException {
    publish("freshet", 2);
    Path weights = registry.open(version(1)).resolve("model.safetensors");
    try (InputStream in = Files.newInputStream(weights)) {
      in.readNBytes(100);
      later().removeGarbage(NEWEST);
      assertEquals(4_900, in.readAllBytes().length);
    }
    RegistryException gone = assertThrows(RegistryException.class, () -> registry.open(version(1)));
    assertTrue(gone.getMessage().contains("freshet@1 is not published"), gone.getMessage());
  }

  @Test
  void aReleaseComesBackWhenAnAliasMovesToItMeanwhile() throws IOException {
    publish("freshet", 2);
    files.beforeRename =
        (from, to) -> {
          if (from.equals(root.resolve("models/freshet/versions/1"))) {
            files.beforeRename = (f, t) -> {};
            registry.moveAlias("champion", version(1));
          }
        };
    assertEquals(Map.of(), later().removeGarbage(NEWEST).releases());
    assertEquals(List.of("freshet@1", "freshet@2"), names());
    assertTrue(registry.isIntact(version(1)));
  }

  @Test
  void whoeverMovesAnAliasToAReleaseThatGoesIsTold() throws IOException {
    publish("freshet", 2);
    files.beforeRename =
        (from, to) -> {
          if (to.equals(root.resolve("aliases/champion.json"))) {
            files.beforeRename = (f, t) -> {};
            later().removeGarbage(NEWEST);
          }
        };
    RegistryException told =
        assertThrows(RegistryException.class, () -> registry.moveAlias("champion", version(1)));
    assertTrue(told.getMessage().contains("was removed while"), told.getMessage());
    registry.moveAlias("champion", version(2));
    assertEquals(version(2), registry.resolve("champion").orElseThrow());
  }

  @Test
  void aReleaseIsWholeOrGoneWhicheverCallFails() throws IOException {
    for (int call = 0; call < 4; call++) {
      for (boolean after : List.of(false, true)) {
        publish("freshet", 3);
        int newest = registry.versions().get(registry.versions().size() - 1).version();
        ModelRegistry collector = later();
        files.fail(call, after);
        assertThrows(RegistryException.class, () -> collector.removeGarbage(NEWEST));
        files.fail(-1, false);
        registry.versions().forEach(version -> assertTrue(registry.isIntact(version)));
        // What lies aside now goes as any leftover.
        collector.removeGarbage(SWEEPING);
        assertEquals(List.of("freshet@" + newest), names());
        assertEquals(0, filesAside());
      }
    }
  }

  @Test
  void leftoversGoOnceTheyAreOlderThanAnyPublication() throws IOException {
    publish("freshet", 1);
    Path old = Files.createDirectories(root.resolve("tmp/killed"));
    Files.write(old.resolve("model.safetensors"), new byte[700]);
    Path young = Files.createDirectories(root.resolve("tmp/running"));
    Files.write(young.resolve("model.safetensors"), new byte[10]);
    FileTime longAgo = FileTime.from(Instant.now().minus(Duration.ofHours(3)));
    Files.setLastModifiedTime(old.resolve("model.safetensors"), longAgo);
    Files.setLastModifiedTime(old, longAgo);
    // Begun long ago, written a moment ago.
    Files.setLastModifiedTime(young, longAgo);
    Garbage garbage = registry.removeGarbage(SWEEPING);
    assertEquals(Map.of(old.toString(), 700L), garbage.leftovers());
    assertEquals(700, garbage.bytes());
    assertTrue(Files.notExists(old) && Files.exists(young.resolve("model.safetensors")));
  }

  @Test
  void anAlteredReleaseStaysAndAnAlteredAliasStopsAll() throws IOException {
    publish("freshet", 3);
    Path manifest = root.resolve("models/freshet/versions/1/manifest.json");
    Files.delete(manifest);
    Files.writeString(manifest, "{}");
    assertEquals(Set.of(version(2)), later().garbage(NEWEST).releases().keySet());
    registry.moveAlias("champion", version(3));
    Files.writeString(root.resolve("aliases/champion.json"), "{}");
    assertThrows(ReleaseAlteredException.class, () -> later().removeGarbage(NEWEST));
    assertEquals(3, registry.versions().size());
  }

  @Test
  void thePolicyKeepsWhatAnyOfItsRulesKeeps() {
    Random random = new Random(5);
    Instant now = Instant.parse("2026-11-27T12:00:00Z");
    for (int trial = 0; trial < 500; trial++) {
      SortedMap<ModelVersion, Instant> published = new TreeMap<>();
      Set<ModelVersion> named = new HashSet<>();
      for (int i = 1; i <= random.nextInt(12); i++) {
        if (random.nextInt(4) > 0) {
          published.put(version(i), now.minus(Duration.ofHours(random.nextInt(100))));
        }
        if (random.nextInt(4) == 0) {
          named.add(version(i));
        }
      }
      RetentionPolicy policy =
          new RetentionPolicy(
              false,
              1 + random.nextInt(4),
              Duration.ofHours(random.nextInt(100)),
              Duration.ofDays(1));
      List<ModelVersion> all = new ArrayList<>(published.keySet());
      List<ModelVersion> expected =
          IntStream.range(0, all.size())
              .filter(i -> all.size() - i > policy.keepNewest())
              .mapToObj(all::get)
              .filter(version -> !named.contains(version))
              .filter(
                  version ->
                      Duration.between(published.get(version), now).compareTo(policy.keepFor()) > 0)
              .toList();
      assertEquals(expected, policy.expired(published, named, now));
    }
  }

  @Test
  void refusesPoliciesThatLoseNumbersOrPublications() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new RetentionPolicy(false, 0, Duration.ZERO, Duration.ofDays(1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new RetentionPolicy(false, 1, Duration.ofDays(-1), Duration.ofDays(1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new RetentionPolicy(false, 1, Duration.ZERO, Duration.ofMinutes(1)));
  }

  private long filesAside() throws IOException {
    try (var walk = Files.walk(root.resolve("tmp"))) {
      return walk.filter(Files::isRegularFile).count();
    }
  }
}
