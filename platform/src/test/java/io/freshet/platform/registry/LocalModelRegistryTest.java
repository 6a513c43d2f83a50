package io.freshet.platform.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.Config;
import io.freshet.platform.testing.JavaSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class LocalModelRegistryTest extends ModelRegistryContract {
  private Path root;

  @Override
  RegistryFixture fixture(Path dir) {
    root = dir.resolve("registry");
    return new LocalFixture(root);
  }

  @Override
  int trials() {
    return 1_000;
  }

  @Override
  int releasesAtOnce() {
    return 10;
  }

  @Override
  int readersAtOnce() {
    return 16;
  }

  @Test
  @Tag("fault-long")
  void fourHundredReleasesAtOnceAreWholeAndContiguous() throws Exception {
    publishAndRead(8, 50, 16);
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
  void detectsAddedFilesAndLinks() throws IOException {
    publish("freshet", 1);
    publish("freshet", 2);
    Path weights = release(V2).resolve("model.safetensors");
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
  void noticesAChangeAfterItVerifiedThatKeepsSizeAndTime() throws IOException {
    publish("freshet", 1);
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
    publish("freshet", 1);
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
    assertEquals(V2, publish("freshet", 2).version());
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
  void publishesReadOnlyCopies() throws IOException {
    publish("freshet", 1);
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
