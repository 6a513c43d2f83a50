package io.freshet.trainer.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.Release;
import io.freshet.platform.registry.ReleaseAnnouncement;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.TopicOffset;
import io.freshet.trainer.testing.ReleaseConfigs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReleasePublisherTest {
  @TempDir private Path dir;
  private ModelRegistry registry;
  private Path staged;
  private final List<ModelPublished> announced = new ArrayList<>();

  @BeforeEach
  void open() throws IOException {
    registry = ModelRegistries.open(new RegistryConfig(dir.resolve("registry")));
    staged = Files.createDirectories(dir.resolve("staged"));
    Files.writeString(staged.resolve("model.safetensors"), "weights");
  }

  @Test
  void announcesWhatTheRegistryHoldsAfterItsAliasesMoved() {
    Manifest manifest = publish(publisher(), release(10, 0.5)).orElseThrow();

    assertEquals(new ModelVersion("freshet", 1), manifest.id());
    assertEquals(Map.of("candidate", manifest.id(), "champion", manifest.id()), registry.aliases());
    ModelPublished announcement = announced.get(0);
    assertEquals(1, announced.size());
    assertEquals(10, announcement.getStep());
    assertEquals(List.of("candidate", "champion"), announcement.getAliases());
    assertEquals(
        manifest.sha256(), HexFormat.of().formatHex(announcement.getManifestSha256().bytes()));
    assertEquals(0.5, announcement.getMetrics().get("knn_top1/photos"));
    assertEquals(release(10, 0.5).offsets(), announcement.getOffsets());
  }

  @Test
  void aWorseReleaseIsACandidateOnly() {
    ReleasePublisher publisher = publisher();
    assertTrue(publish(publisher, release(10, 0.5)).isPresent());
    Manifest worse = publish(publisher, release(20, 0.3)).orElseThrow();

    assertEquals(0.5, worse.metrics().get("champion/knn_top1/photos"));
    assertEquals(0.0, worse.metrics().get("gate/promoted"));
    assertEquals(Optional.of("the gate: there was no champion"), registry.aliasReason("champion"));
    assertEquals(Optional.of(worse.id()), registry.resolve("candidate"));
    assertEquals(Optional.of(new ModelVersion("freshet", 1)), registry.resolve("champion"));
    assertEquals(List.of("candidate"), announced.get(1).getAliases());
  }

  @Test
  void publishesAStepOnceHoweverOftenItIsTried() {
    assertTrue(publish(publisher(), release(10, 0.5)).isPresent());
    ReleasePublisher resumed = publisher();
    resumed.repair(Optional.of(announced.get(0)));
    assertTrue(publish(resumed, release(20, 0.6)).isPresent());
    Manifest again = publish(resumed, release(10, 0.5)).orElseThrow();

    assertEquals(1, again.version());
    assertEquals(2, registry.versions().size());
    assertEquals(2, announced.size());
    assertEquals(Optional.of(new ModelVersion("freshet", 2)), registry.resolve("candidate"));
  }

  @Test
  void repairsAReleaseThatWasLinkedButNotAnnounced() {
    ReleasePublisher dying =
        new ReleasePublisher(
            registry,
            announcement -> {
              throw new IllegalStateException("killed here");
            },
            config(),
            Clock.systemUTC());
    assertThrows(IllegalStateException.class, () -> publish(dying, release(10, 0.5)));
    assertTrue(announced.isEmpty());

    publisher().repair(Optional.empty());

    assertEquals(1, announced.size());
    assertEquals(1, announced.get(0).getVersion());
    assertEquals(Optional.of(new ModelVersion("freshet", 1)), registry.resolve("champion"));
  }

  @Test
  void repairsReleasesWhoseAliasesDidNotMoveYetInOrder() {
    registry.publish("freshet", staged, judged(publisher(), release(10, 0.5)));
    registry.publish("freshet", staged, release(20, 0.2));
    registry.publish("other", staged, release(5, 0.9));

    publisher().repair(Optional.empty());

    assertEquals(List.of(1, 2), announced.stream().map(ModelPublished::getVersion).toList());
    assertEquals(Optional.of(new ModelVersion("freshet", 2)), registry.resolve("candidate"));
    assertEquals(Optional.of(new ModelVersion("freshet", 1)), registry.resolve("champion"));
  }

  @Test
  void leavesARollbackAsItIs() {
    Manifest first = publish(publisher(), release(10, 0.5)).orElseThrow();
    assertTrue(publish(publisher(), release(20, 0.6)).isPresent());
    registry.rollback("champion", "it blurs faces");
    ReleasePublisher restarted = publisher();
    restarted.repair(
        Optional.of(ReleaseAnnouncement.of(first, List.of("champion"), Instant.now())));
    assertTrue(publish(restarted, release(20, 0.6)).isPresent());

    assertEquals(2, announced.size());
    assertEquals(Optional.of(first.id()), registry.resolve("champion"));
  }

  @Test
  void repairsNothingWhenAllIsAnnounced() {
    assertTrue(publish(publisher(), release(10, 0.5)).isPresent());
    publisher().repair(Optional.of(announced.get(0)));
    assertEquals(1, announced.size());
  }

  @Test
  void takesOverCurationWhenBetterOnEverySet() {
    Release better =
        release(
            30,
            Map.of(
                "knn_top1/photos", 0.7,
                "compared_knn_top1/photos", 0.71,
                "curation_knn_top1/photos", 0.70));
    assertTrue(publish(publisher(), better).isPresent());
    assertEquals(Optional.of(new ModelVersion("freshet", 1)), registry.resolve("curation"));
    assertEquals(List.of("candidate", "champion", "curation"), announced.get(0).getAliases());
  }

  @Test
  void aStudentIsAnnouncedUnderItsNameAndMovesNoAlias() {
    Manifest teacher = publish(publisher(), release(10, 0.5)).orElseThrow();
    ReleasePublisher students =
        ReleasePublisher.ofStudent(
            "freshet-small", registry, announced::add, config(), Clock.systemUTC());
    Manifest student = students.publish(staged, release(10, 0.9)).orElseThrow();

    assertEquals(new ModelVersion("freshet-small", 1), student.id());
    assertEquals("freshet-small", announced.get(1).getName());
    assertEquals(List.of(), announced.get(1).getAliases());
    assertEquals(Map.of("candidate", teacher.id(), "champion", teacher.id()), registry.aliases());
  }

  @Test
  void aChampionThatWasMovedSinceTheDecisionStays() {
    ReleasePublisher publisher = publisher();
    Manifest first = publish(publisher, release(10, 0.5)).orElseThrow();
    Manifest second = publish(publisher, release(20, 0.6)).orElseThrow();
    Release third = judged(publisher, release(30, 0.7));
    registry.rollback("champion", "it blurs faces");
    Manifest published = publisher.publish(staged, third).orElseThrow();

    assertEquals(Optional.of(first.id()), registry.resolve("champion"));
    assertEquals(Optional.of(published.id()), registry.resolve("candidate"));
    assertEquals(List.of("candidate"), announced.get(2).getAliases());
    assertEquals(second.version(), published.metrics().get("gate/champion_version"));
  }

  @Test
  void aReleaseThatNobodyJudgedIsACandidateOnly() {
    assertTrue(publisher().publish(staged, release(10, 0.5)).isPresent());
    assertEquals(Optional.empty(), registry.resolve("champion"));
  }

  @Test
  void aPromotionThatACrashKeptFromBeingAnnouncedIsAnnouncedOnce() {
    Release judged = judged(publisher(), release(10, 0.5));
    registry.publish("freshet", staged, judged);
    registry.moveAlias("champion", new ModelVersion("freshet", 1), "the gate");

    publisher().repair(Optional.empty());

    assertEquals(List.of("candidate", "champion"), announced.get(0).getAliases());
    assertEquals(Optional.of("the gate"), registry.aliasReason("champion"));
  }

  private static Release judged(ReleasePublisher publisher, Release release) {
    Map<String, Double> metrics = new TreeMap<>(release.metrics());
    publisher
        .judge(release.metrics(), Set.of("photos"), Optional.empty())
        .ifPresent(judgement -> metrics.putAll(judgement.evidence()));
    return release.withMetrics(metrics);
  }

  private Optional<Manifest> publish(ReleasePublisher publisher, Release release) {
    return publisher.publish(staged, judged(publisher, release));
  }

  @Test
  void anAlteredOldReleaseHoldsUpNoNewOne() throws IOException {
    registry.publish("freshet", staged, release(10, 0.5));
    registry.publish("freshet", staged, release(20, 0.6));
    alter(1);
    ReleasePublisher publisher = publisher();
    publisher.repair(Optional.empty());
    assertEquals(List.of(2), announced.stream().map(ModelPublished::getVersion).toList());

    Manifest next = publish(publisher, release(30, 0.7)).orElseThrow();
    assertEquals(Optional.of(next.id()), registry.resolve("champion"));
  }

  @Test
  void whatCannotBeHeldAgainstAnAlteredChampionBecomesCandidate() throws IOException {
    Manifest champion = publish(publisher(), release(10, 0.5)).orElseThrow();
    alter(champion.version());
    ReleasePublisher restarted = publisher();
    restarted.repair(Optional.of(announced.get(0)));
    assertEquals(1, announced.size(), "the candidate's alias tells that it was announced");

    Manifest next = publish(restarted, release(20, 0.6)).orElseThrow();
    assertEquals(Map.of("candidate", next.id(), "champion", champion.id()), registry.aliases());
    assertEquals(List.of("candidate"), announced.get(1).getAliases());
    registry.moveAlias("champion", next.id(), "by hand");
    Manifest better = publish(restarted, release(30, 0.7)).orElseThrow();
    assertEquals(Optional.of(better.id()), registry.resolve("champion"));
  }

  private void alter(int version) throws IOException {
    Path manifest =
        dir.resolve("registry/models/freshet/versions/%d/manifest.json".formatted(version));
    String altered = Files.readString(manifest).replace("\"step\" : ", "\"step\" : 9");
    Files.delete(manifest);
    Files.writeString(manifest, altered);
  }

  private ReleasePublisher publisher() {
    return new ReleasePublisher(registry, announced::add, config(), Clock.systemUTC());
  }

  private ReleaseConfig config() {
    return ReleaseConfigs.plain(10, 10, dir.resolve("staging"), true);
  }

  private static Release release(long step, double photos) {
    return release(step, Map.of("knn_top1/photos", photos));
  }

  private static Release release(long step, Map<String, Double> metrics) {
    return new Release(
        "vit_192_6_3_p16",
        192,
        16,
        64,
        "run-1",
        step,
        32 * step,
        List.of(new TopicOffset("image.curated", 0, step)),
        metrics,
        List.of(),
        Map.of(),
        "Apache-2.0");
  }
}
