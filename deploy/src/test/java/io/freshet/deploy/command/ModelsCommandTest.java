package io.freshet.deploy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.testing.PlainRelease;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ModelsCommandTest {
  @TempDir private Path temp;
  private ModelRegistry registry;

  @BeforeEach
  void publish() throws IOException {
    registry = ModelRegistries.open(new RegistryConfig(temp.resolve("registry")));
    Path staged = Files.createDirectories(temp.resolve("staged"));
    for (int step = 1; step <= 2; step++) {
      Files.writeString(staged.resolve("model.bin"), "weights " + "x".repeat(step));
      registry.publish("freshet", staged, PlainRelease.at(step, Map.of("knn_top1", 0.25 * step)));
    }
    registry.moveAlias("champion", new ModelVersion("freshet", 1), "first");
  }

  private String run(int expected, String... arguments) {
    StringWriter out = new StringWriter();
    CommandLine command =
        new CommandLine(new ModelsCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(out))
            .setExecutionExceptionHandler(
                (error, line, parsed) -> {
                  out.write(error.getMessage());
                  return 1;
                });
    String[] all = List.of(arguments).toArray(new String[arguments.length + 2]);
    all[arguments.length] = "--registry";
    all[arguments.length + 1] = temp.resolve("registry").toString();
    assertEquals(expected, command.execute(all), out.toString());
    return out.toString();
  }

  @Test
  void promotesAndGoesBackWithTheReasonsKept() {
    String promoted = run(0, "promote", "freshet@2", "--reason", "sharper", "--no-announce");
    assertTrue(promoted.contains("until freshet@2 is promoted without --no-announce"), promoted);
    assertEquals(Optional.of(new ModelVersion("freshet", 2)), registry.resolve("champion"));
    String back = run(0, "rollback", "--reason", "blurs faces", "--no-announce");
    assertTrue(back.contains("champion is freshet@1 again, not freshet@2"), back);
    String shown = run(0, "show", "champion");
    assertTrue(shown.contains("back from freshet@2"), shown);
    assertTrue(shown.contains("blurs faces"), shown);
    assertTrue(shown.contains("sharper"), shown);
    String listed = run(0, "ls");
    assertTrue(listed.lines().anyMatch(l -> l.matches("freshet@1 .*champion.*")), listed);
  }

  @Test
  void comparesTwoReleases() {
    String difference = run(0, "diff", "champion", "freshet@2");
    assertTrue(difference.contains("+0.2500"), difference);
    assertTrue(difference.contains("model.bin"), difference);
    assertFalse(difference.contains("licence"), difference);
  }

  @Test
  void pullsARelease() {
    Path to = temp.resolve("pulled");
    assertTrue(run(0, "pull", "champion", "--to", to.toString()).contains("freshet@1 is in"));
    assertTrue(Files.exists(to.resolve("model.bin")));
    assertTrue(run(0, "pull", "champion", "--to", to.toString()).contains("was already in"));
    String other = run(1, "pull", "freshet@2", "--to", to.toString());
    assertTrue(other.contains("holds another release"), other);
  }

  @Test
  void removesOldReleases() {
    String kept = run(0, "gc", "--keep-newest", "1", "--keep-days", "0", "--dry-run");
    assertTrue(kept.contains("would go: 0 releases"), kept);
    String mine =
        run(0, "promote", "freshet@2", "--reason", "sharper", "--alias", "mine", "--no-announce");
    assertEquals("mine is freshet@2 now", mine.strip());
    run(0, "promote", "freshet@2", "--reason", "sharper", "--no-announce");
    String former = run(0, "gc", "--keep-newest", "1", "--keep-days", "0");
    assertTrue(former.contains("removed: 0 releases"), "a rollback needs freshet@1: " + former);
    assertEquals(2, registry.versions().size());
    assertTrue(run(1, "gc", "--keep-newest", "0").contains("must be at least 1"));
  }

  @Test
  void listsWhatWasAlteredAsSuch() throws IOException {
    Path manifest = temp.resolve("registry/models/freshet/versions/1/manifest.json");
    Files.delete(manifest);
    Files.writeString(manifest, "{}");
    String listed = run(0, "ls");
    assertTrue(listed.lines().anyMatch(l -> l.matches("freshet@1 .*champion.*ALTERED.*")), listed);
    assertTrue(listed.lines().anyMatch(l -> l.matches("freshet@2 .*knn_top1=0.5.*")), listed);
    assertTrue(run(1, "show", "freshet@1").contains("was altered"));
  }

  @Test
  void saysWhatIsNotThere() {
    assertTrue(run(1, "show", "nobody").contains("freshet models ls"), "names the remedy");
    String none = run(1, "rollback", "--reason", "r", "--no-announce");
    assertTrue(none.contains("no earlier release"), none);
  }
}
