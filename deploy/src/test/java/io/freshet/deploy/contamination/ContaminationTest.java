package io.freshet.deploy.contamination;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.platform.registry.ModelVersion;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ContaminationTest {
  private static final Instant AT = Instant.parse("2026-11-01T00:00:00Z");

  private static final Map<String, List<Position>> CURATED =
      Map.of(
          "early", List.of(new Position(0, 10)),
          "late", List.of(new Position(1, 50)),
          "twice", List.of(new Position(0, 90), new Position(1, 20)));

  private static final Map<String, Optional<String>> BENCHMARKS =
      Map.of(
          "early", Optional.of("oxford"), "late", Optional.of("paris"), "twice", Optional.empty());

  @Test
  void aReleaseHadReadWhatLiesBeforeItsOffsets() {
    Contamination found = of(release(1, Map.of(0, 11L), List.of()));
    assertEquals(Set.of("early"), found.releases().get(0).read());
    assertEquals(List.of(), of(release(1, Map.of(0, 10L), List.of())).exposed());
    assertEquals(
        Set.of("twice"), of(release(1, Map.of(1, 21L), List.of())).releases().get(0).read());
  }

  @Test
  void aReleaseInheritsWhatItsAncestorsHadRead() {
    Contamination found =
        of(
            release(1, Map.of(0, 11L), List.of()),
            release(2, Map.of(), List.of(version(1))),
            release(3, Map.of(1, 51L), List.of(version(2))),
            release(4, Map.of(), List.of()));
    assertEquals(
        List.of(Set.of(), Set.of("early"), Set.of("early"), Set.of()),
        found.releases().stream().map(ReleaseExposure::inherited).toList());
    assertEquals(Set.of("late", "twice"), found.releases().get(2).read());
    assertEquals(3, found.exposed().size());
  }

  @Test
  void saysByBenchmarkWhichReleasesHadReadItsImages() {
    List<BenchmarkExposure> benchmarks =
        of(
                release(1, Map.of(0, 11L), List.of()),
                release(2, Map.of(1, 21L), List.of(version(1))),
                release(3, Map.of(), List.of()))
            .benchmarks();
    assertEquals(
        List.of(Optional.of("oxford"), Optional.of("paris"), Optional.empty()),
        benchmarks.stream().map(BenchmarkExposure::dataset).toList());
    BenchmarkExposure oxford = benchmarks.get(0);
    assertEquals(Set.of("early", "spared"), oxford.withdrawn());
    assertEquals(Set.of("early"), oxford.curated());
    assertEquals(
        List.of(exposed(1, Set.of("early"), Set.of()), exposed(2, Set.of(), Set.of("early"))),
        oxford.releases());
    assertEquals(List.of(), benchmarks.get(1).releases());
    assertEquals(List.of(exposed(2, Set.of("twice"), Set.of())), benchmarks.get(2).releases());
  }

  private static BenchmarkExposure.Release exposed(
      int version, Set<String> read, Set<String> inherited) {
    return new BenchmarkExposure.Release(
        version(version), new TreeSet<>(read), new TreeSet<>(inherited));
  }

  @Test
  void saysWhichAncestorsAreUnknown() {
    Contamination found = of(release(3, Map.of(), List.of(version(1), version(2))));
    assertEquals(List.of(version(1), version(2)), found.releases().get(0).unknownParents());
  }

  @Test
  void endsWhereManifestsClaimALoop() {
    Contamination found =
        of(
            release(1, Map.of(0, 11L), List.of(version(2))),
            release(2, Map.of(), List.of(version(1), version(2))));
    assertEquals(Set.of("early"), found.releases().get(1).inherited());
  }

  @Test
  void namesTheFirstStepOfTheRunAlsoWhenTheLedgerRepeats() {
    FirstSteps steps = new FirstSteps(CURATED);
    steps.add("run", 7, Map.of(0, 30L));
    steps.add("run", 5, Map.of(0, 12L));
    steps.add("run", 4, Map.of(0, 10L));
    steps.add("other", 1, Map.of(0, 100L, 1, 100L));
    ReleaseExposure exposure =
        Contamination.of(
                new TreeMap<>(),
                CURATED,
                List.of(release(1, Map.of(0, 30L), List.of())),
                List.of(),
                steps)
            .releases()
            .get(0);
    assertEquals(OptionalLong.of(5), exposure.firstStep());
  }

  private static Contamination of(TrainedRelease... releases) {
    TreeMap<String, Withdrawal> withdrawn = new TreeMap<>();
    CURATED
        .keySet()
        .forEach(
            image ->
                withdrawn.put(image, new Withdrawal(AT, BENCHMARKS.get(image), Optional.empty())));
    withdrawn.put("spared", new Withdrawal(AT, Optional.of("oxford"), Optional.empty()));
    return Contamination.of(
        withdrawn, CURATED, List.of(releases), List.of(), new FirstSteps(CURATED));
  }

  private static TrainedRelease release(
      int version, Map<Integer, Long> offsets, List<ModelVersion> parents) {
    return new TrainedRelease(version(version), "run", 100, offsets, parents, List.of());
  }

  private static ModelVersion version(int number) {
    return new ModelVersion("freshet", number);
  }
}
