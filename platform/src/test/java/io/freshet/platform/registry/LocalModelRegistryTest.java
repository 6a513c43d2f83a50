package io.freshet.platform.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.Config;
import io.freshet.platform.registry.PublishOutcome.Published;
import io.freshet.platform.testing.JavaSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalModelRegistryTest {
  private static final ModelVersion V1 = new ModelVersion("freshet", 1);
  private static final ModelVersion V2 = new ModelVersion("freshet", 2);

  @TempDir Path temp;
  private Path root;
  private ModelRegistry registry;

  @BeforeEach
  void open() {
    root = temp.resolve("registry");
    registry = ModelRegistries.open(new RegistryConfig(root));
  }

  private Published publish(String model, byte mark) throws IOException {
    Path staged = Releases.directory(temp, "staged-" + mark, mark, 5_000);
    return assertInstanceOf(
        Published.class, registry.publish(model, staged, Releases.release("run-1", mark)));
  }

  private Path release(ModelVersion version) {
    return root.resolve("models/%s/versions/%d".formatted(version.name(), version.version()));
  }

  /** Rewrites a file of a published release, which is read-only. */
  private static void overwrite(Path file, byte[] content) throws IOException {
    Files.delete(file);
    Files.write(file, content);
  }

  @Test
  void publishesWhatItIsGiven() throws IOException {
    Published published = publish("freshet", (byte) 5);
    assertEquals(V1, published.version());
    Manifest manifest = registry.manifest(V1);
    assertEquals(published.manifest(), manifest);
    assertEquals(Releases.release("run-1", 5), manifest.release());
    assertEquals(
        Set.of("model.safetensors", "config.json", "training_state/heads.safetensors"),
        manifest.files().keySet());
    assertEquals(5_000, manifest.files().get("model.safetensors").size());
    Path opened = registry.open(V1);
    assertArrayEquals(new byte[] {5, 5, 5}, Files.readAllBytes(opened.resolve("config.json")));
    assertEquals(opened, registry.open(V1, manifest.sha256()));
  }

  @Test
  void numbersEachModelOnItsOwn() throws IOException {
    publish("freshet", (byte) 1);
    publish("freshet", (byte) 2);
    publish("bootstrap", (byte) 3);
    publish("freshet", (byte) 4);
    assertEquals(
        List.of("bootstrap@1", "freshet@1", "freshet@2", "freshet@3"),
        registry.versions().stream().map(ModelVersion::toString).toList());
  }

  @Test
  void isReadByAnotherProcess() throws IOException {
    publish("freshet", (byte) 1);
    registry.moveAlias("champion", V1);
    ModelRegistry other = ModelRegistries.open(new RegistryConfig(root));
    assertEquals(List.of(V1), other.versions());
    assertEquals(Optional.of(V1), other.resolve("champion"));
    assertEquals(registry.manifest(V1), other.manifest(V1));
  }

  @Test
  void movesAliases() throws IOException {
    publish("freshet", (byte) 1);
    publish("freshet", (byte) 2);
    assertEquals(Optional.empty(), registry.resolve("champion"));
    registry.moveAlias("champion", V1);
    registry.moveAlias("curation", V1);
    registry.moveAlias("champion", V2);
    assertEquals(Optional.of(V2), registry.resolve("champion"));
    assertEquals(Map.of("champion", V2, "curation", V1), registry.aliases());
  }

  @Test
  void remembersWhyAnAliasPointsWhereItDoes() throws IOException {
    publish("freshet", (byte) 1);
    publish("freshet", (byte) 2);
    assertEquals(Optional.empty(), registry.aliasReason("champion"));
    registry.moveAlias("champion", V1, "by hand: v2 blurs faces");
    assertEquals(Optional.of("by hand: v2 blurs faces"), registry.aliasReason("champion"));
    assertEquals(Optional.of(V1), registry.resolve("champion"));
    registry.moveAlias("champion", V2);
    assertEquals(Optional.empty(), registry.aliasReason("champion"));
    assertEquals(Optional.empty(), registry.aliasReason("freshet@2"));
    assertThrows(
        IllegalArgumentException.class,
        () -> registry.moveAlias("champion", V1, "x".repeat(1_001)));
  }

  @Test
  void refusesAnAliasOfNothing() {
    assertThrows(RegistryException.class, () -> registry.moveAlias("champion", V1));
    assertEquals(Map.of(), registry.aliases());
  }

  @Test
  void resolvesReferences() throws IOException {
    publish("freshet", (byte) 1);
    assertEquals(Optional.of(V1), registry.resolve("freshet@1"));
    for (String none :
        List.of("freshet@2", "freshet@0", "freshet@01", "freshet@-1", "other@1", "freshet@x", "")) {
      assertEquals(Optional.empty(), registry.resolve(none), none);
    }
  }

  @Test
  void findsWhatARunPublishedAtAStep() throws IOException {
    publish("freshet", (byte) 7);
    publish("freshet", (byte) 9);
    assertEquals(Optional.of(V2), registry.find("freshet", "run-1", 9));
    assertEquals(Optional.empty(), registry.find("freshet", "run-2", 9));
    assertEquals(Optional.empty(), registry.find("freshet", "run-1", 8));
  }

  @Test
  void detectsAThousandFlipsAndTruncationsOfAnyFile() throws IOException {
    publish("freshet", (byte) 1);
    registry.moveAlias("champion", V1);
    long seed = 20261101;
    Random random = new Random(seed);
    List<Path> files = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(root)) {
      walk.filter(Files::isRegularFile).sorted().forEach(files::add);
    }
    assertEquals(5, files.size(), files.toString());
    for (int trial = 0; trial < 1_000; trial++) {
      Path file = files.get(trial % files.size());
      byte[] original = Files.readAllBytes(file);
      byte[] altered = original.clone();
      if (trial % 3 == 0) {
        altered = Arrays.copyOf(original, random.nextInt(original.length));
      } else {
        altered[random.nextInt(altered.length)] ^= (byte) (1 << random.nextInt(8));
      }
      overwrite(file, altered);
      assertThrows(
          ReleaseAlteredException.class,
          () -> registry.open(registry.resolve("champion").orElseThrow()),
          "seed %d trial %d: %s".formatted(seed, trial, file));
      overwrite(file, original);
    }
    assertEquals(release(V1), registry.open(registry.resolve("champion").orElseThrow()));
  }

  @Test
  void detectsSwappedReplayedAddedAndMissingFiles() throws IOException {
    publish("freshet", (byte) 1);
    publish("freshet", (byte) 2);
    publish("other", (byte) 3);
    registry.moveAlias("champion", V2);
    Path weights = release(V2).resolve("model.safetensors");
    byte[] original = Files.readAllBytes(weights);

    overwrite(weights, Files.readAllBytes(release(V1).resolve("model.safetensors")));
    assertThrows(ReleaseAlteredException.class, () -> registry.open(V2));
    overwrite(weights, original);
    registry.open(V2);

    Path manifest = release(V2).resolve(Manifest.FILE);
    byte[] sealed = Files.readAllBytes(manifest);
    overwrite(manifest, Files.readAllBytes(release(V1).resolve(Manifest.FILE)));
    assertThrows(ReleaseAlteredException.class, () -> registry.open(V2));
    assertThrows(ReleaseAlteredException.class, () -> registry.resolve("champion"));
    Path others = release(new ModelVersion("other", 1)).resolve(Manifest.FILE);
    overwrite(manifest, Files.readAllBytes(others));
    assertThrows(ReleaseAlteredException.class, () -> registry.open(V2));
    overwrite(manifest, sealed);

    Path added = Files.write(release(V2).resolve("model.pt"), new byte[] {1});
    assertThrows(ReleaseAlteredException.class, () -> registry.open(V2));
    Files.delete(added);
    Files.createSymbolicLink(added, weights);
    assertThrows(ReleaseAlteredException.class, () -> registry.open(V2));
    Files.delete(added);

    Files.move(weights, temp.resolve("aside"));
    assertThrows(ReleaseAlteredException.class, () -> registry.open(V2));
    Files.createSymbolicLink(weights, temp.resolve("aside"));
    assertThrows(ReleaseAlteredException.class, () -> registry.open(V2));
    assertEquals(Optional.of(V1), registry.newestIntact("freshet"));
    Files.delete(weights);
    Files.move(temp.resolve("aside"), weights);
    assertEquals(Optional.of(V2), registry.newestIntact("freshet"));
  }

  @Test
  void refusesAWholeReleaseThatWasForged() throws IOException {
    publish("freshet", (byte) 1);
    registry.moveAlias("champion", V1);
    String announced = registry.manifest(V1).sha256();
    ModelRegistry attacker = ModelRegistries.open(new RegistryConfig(temp.resolve("forged")));
    Path weights = Releases.directory(temp, "evil", (byte) 66, 5_000);
    attacker.publish("freshet", weights, Releases.release("run-1", 1));
    Files.move(release(V1), temp.resolve("stolen"));
    Files.move(temp.resolve("forged/models/freshet/versions/1"), release(V1));

    registry.open(V1);
    assertThrows(ReleaseAlteredException.class, () -> registry.open(V1, announced));
    assertThrows(ReleaseAlteredException.class, () -> registry.resolve("champion"));
  }

  @Test
  void noticesAChangeAfterItVerifiedThatKeepsSizeAndTime() throws IOException {
    publish("freshet", (byte) 1);
    Path weights = registry.open(V1).resolve("model.safetensors");
    var modified = Files.getLastModifiedTime(weights);
    byte[] altered = Files.readAllBytes(weights);
    altered[100] ^= 1;
    overwrite(weights, altered);
    Files.setLastModifiedTime(weights, modified);
    assertThrows(ReleaseAlteredException.class, () -> registry.open(V1));
  }

  @Test
  void overlooksWhatIsNoRelease() throws IOException {
    publish("freshet", (byte) 1);
    Path versions = release(V1).getParent();
    Files.createDirectories(versions.resolve("2"));
    Files.createDirectories(versions.resolve("03"));
    Files.createDirectories(versions.resolve("latest"));
    Files.createDirectories(root.resolve("models/Not A Model/versions/1"));
    Files.createDirectories(root.resolve("tmp/half-written"));
    Files.write(root.resolve("tmp/half-written/manifest.json"), new byte[] {'{'});
    Files.write(root.resolve("models/stray"), new byte[1]);
    Files.write(root.resolve("aliases/README"), new byte[1]);
    assertEquals(List.of(V1), registry.versions());
    assertEquals(Map.of(), registry.aliases());
    assertEquals(V2, publish("freshet", (byte) 2).version());
    registry.open(V2);
  }

  @Test
  void saysWhatIsInTheWay() throws IOException {
    Path squatter = Files.createDirectories(release(V1)).resolve("notes.txt");
    Files.write(squatter, new byte[1]);
    Path staged = Releases.directory(temp, "staged", (byte) 1, 100);
    String message =
        assertThrows(
                RegistryException.class,
                () -> registry.publish("freshet", staged, Releases.release("r", 1)))
            .getMessage();
    assertTrue(message.contains("versions/1 is in the way"), message);
    assertTrue(Files.exists(squatter));
    assertEquals(List.of(), registry.versions());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "../x", "a/b", "A", "-x", "a b", "a\u0000b", "ümlaut"})
  void refusesBadNames(String name) throws IOException {
    Path staged = Releases.directory(temp, "staged", (byte) 1, 100);
    assertThrows(
        IllegalArgumentException.class,
        () -> registry.publish(name, staged, Releases.release("r", 1)));
    assertThrows(IllegalArgumentException.class, () -> registry.moveAlias(name, V1));
    assertThrows(IllegalArgumentException.class, () -> new ModelVersion(name, 1));
    assertEquals(Optional.empty(), registry.resolve(name));
    assertEquals(Optional.empty(), registry.resolve(name + "@1"));
  }

  @Test
  void resolvesNoneOfFiveHundredTraversals() {
    int tried = 0;
    for (String step : List.of("..", ".", "%2e%2e", "....", "..;", "\u2025", "~", "$HOME")) {
      for (String separator : List.of("/", "\\", "%2f", "%5c", "//", "/./", "\u0000", "\u2215")) {
        for (String end : List.of("etc/passwd", "aliases/champion", "champion.json", "x@1", "@1")) {
          for (String start : List.of("", separator)) {
            String attack = start + step + separator + end;
            assertEquals(Optional.empty(), registry.resolve(attack), attack);
            tried++;
          }
        }
      }
    }
    assertTrue(tried >= 500, tried + " tried");
  }

  @Test
  void refusesDirectoriesThatAreNoRelease() throws IOException {
    Path empty = Files.createDirectories(temp.resolve("empty"));
    assertThrows(IllegalArgumentException.class, () -> publishDirectory(empty));
    Path links = Releases.directory(temp, "links", (byte) 1, 10);
    Files.createSymbolicLink(links.resolve("secret"), Path.of("/etc/passwd"));
    assertThrows(IllegalArgumentException.class, () -> publishDirectory(links));
    Path own = Releases.directory(temp, "own", (byte) 1, 10);
    Files.write(own.resolve(Manifest.FILE), new byte[1]);
    assertThrows(IllegalArgumentException.class, () -> publishDirectory(own));
    Path hidden = Releases.directory(temp, "hidden", (byte) 1, 10);
    Files.write(hidden.resolve(".git"), new byte[1]);
    assertThrows(IllegalArgumentException.class, () -> publishDirectory(hidden));
    assertThrows(RegistryException.class, () -> publishDirectory(temp.resolve("missing")));
    assertEquals(List.of(), registry.versions());
  }

  private PublishOutcome publishDirectory(Path directory) {
    return registry.publish("freshet", directory, Releases.release("r", 1));
  }

  @Test
  void publishesReadOnlyCopies() throws IOException {
    publish("freshet", (byte) 1);
    Path weights = release(V1).resolve("model.safetensors");
    assertEquals(
        0,
        Files.getPosixFilePermissions(weights).stream()
            .filter(permission -> permission.name().endsWith("WRITE"))
            .count());
    Path staged = temp.resolve("staged-1/model.safetensors");
    assertTrue(Files.isWritable(staged));
    assertNotEquals(
        Files.getAttribute(staged, "unix:ino"), Files.getAttribute(weights, "unix:ino"));
  }

  @Test
  void refusesFormatsOfTheFuture() throws IOException {
    publish("freshet", (byte) 1);
    Path file = release(V1).resolve(Manifest.FILE);
    overwrite(file, SealedJson.seal(SealedJson.object().put("format", 2).put("name", "freshet")));
    String message =
        assertThrows(RegistryException.class, () -> registry.manifest(V1)).getMessage();
    assertTrue(message.contains("format 2"), message);
  }

  @Test
  void refusesWhatJsonCannotSay() {
    Release good = Releases.release("r", 1);
    assertThrows(
        IllegalArgumentException.class, () -> with(good, Map.of("x", Double.NaN), Map.of()));
    assertThrows(
        IllegalArgumentException.class, () -> with(good, Map.of(), Map.of("x", new Object())));
    assertThrows(
        IllegalArgumentException.class,
        () -> with(good, Map.of(), Map.of("x", Float.POSITIVE_INFINITY)));
    assertFalse(good.embedding().isEmpty());
  }

  private static Release with(
      Release of, Map<String, Double> metrics, Map<String, Object> embedding) {
    return new Release(
        of.architecture(),
        of.dim(),
        of.patch(),
        of.imageSize(),
        of.runId(),
        of.step(),
        of.imagesSeen(),
        of.offsets(),
        metrics,
        of.parents(),
        embedding,
        of.licence());
  }

  @Test
  void carriesItsConfigWithAnOperator() throws IOException, ClassNotFoundException {
    RegistryConfig config = Config.defaults().section("registry", RegistryConfig.class);
    assertEquals(Path.of(".state/registry"), config.dir());
    assertEquals(config, JavaSerialization.shipped(config));
  }
}
