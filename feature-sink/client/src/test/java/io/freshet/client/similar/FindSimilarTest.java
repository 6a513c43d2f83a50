package io.freshet.client.similar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.BundledRelease;
import io.freshet.client.FeatureTopics;
import io.freshet.client.LocalModel;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Queries are embedded by the release whose features answer. */
class FindSimilarTest {
  private static final int IMAGES = 5;

  @TempDir private Path temp;
  private final FeatureTopics topics = new FeatureTopics();

  @Test
  void findsAnImageByItsFileBeforeAndAfterAChangeOfChampion() throws Exception {
    ModelRegistry registry = ModelRegistries.open(new RegistryConfig(temp.resolve("registry")));
    Path cache = temp.resolve("cache");
    assertThrows(
        IllegalArgumentException.class,
        () -> new FindSimilar(topics::open, registry, cache, 2),
        "no champion");
    BundledRelease.publish(registry, temp);
    BundledRelease.publish(registry, temp);
    registry.moveAlias("champion", new ModelVersion("freshet", 1));
    write(registry, cache, "freshet@1");
    try (FindSimilar similar = new FindSimilar(topics::open, registry, cache, 2)) {
      similar.advance();
      assertTrue(similar.caughtUp());
      assertFinds(similar, 3, "freshet@1/features/l2");

      registry.moveAlias("champion", new ModelVersion("freshet", 2));
      write(registry, cache, "freshet@2");
      topics.announce(2, List.of("champion"));
      for (int i = 0; i < 4; i++) {
        similar.advance();
      }
      assertFinds(similar, 2, "freshet@2/features/l2");
    }
  }

  @Test
  void answersALineForEachImageAndSaysWhatIsNone() throws Exception {
    ModelRegistry registry = ModelRegistries.open(new RegistryConfig(temp.resolve("registry")));
    BundledRelease.publish(registry, temp);
    registry.moveAlias("champion", new ModelVersion("freshet", 1));
    write(registry, temp.resolve("cache"), "freshet@1");
    Path image = Files.write(temp.resolve("4.jpg"), BundledRelease.picture(4));
    Path none = Files.writeString(temp.resolve("none.jpg"), "no picture");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (FindSimilar similar = new FindSimilar(topics::open, registry, temp.resolve("cache"), 1)) {
      similar.answer(
          new BufferedReader(
              new StringReader(image + "\n\n" + none + "\n" + temp.resolve("missing") + "\n")),
          new PrintStream(out, true, StandardCharsets.UTF_8));
    }
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals("5 images in freshet@1/features/l2; name an image", lines.get(0));
    assertEquals(image + " in freshet@1/features/l2", lines.get(1));
    assertEquals("  1.0000  image4", lines.get(2));
    assertTrue(lines.get(3).startsWith(none + ": "), lines.get(3));
    assertTrue(lines.get(4).contains("missing can't be read"), lines.get(4));
    assertEquals(5, lines.size());
  }

  private void write(ModelRegistry registry, Path cache, String release) throws Exception {
    try (LocalModel model = LocalModel.pull(registry, release, cache)) {
      for (int i = 0; i < IMAGES; i++) {
        topics.write("image" + i, model.space(), model.embed(BundledRelease.picture(i)));
      }
    }
  }

  private static void assertFinds(FindSimilar similar, int image, String space) throws Exception {
    assertEquals(space, similar.space());
    List<SimilarImages.Match> matches = similar.find(BundledRelease.picture(image));
    assertEquals(2, matches.size());
    assertEquals("image" + image, matches.get(0).imageId());
    assertEquals(1, matches.get(0).cosine(), 1e-4);
    assertTrue(matches.get(1).cosine() < 0.999, matches.toString());
  }
}
