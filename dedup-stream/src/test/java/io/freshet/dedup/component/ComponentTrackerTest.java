package io.freshet.dedup.component;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.dedup.state.Barriers;
import io.freshet.dedup.state.StampedIds;
import io.freshet.dedup.testing.MapTable;
import io.freshet.schemas.DuplicateMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ComponentTrackerTest {
  private static final Evidence NEAR = new Evidence(DuplicateMethod.COPY_EMBEDDING, 0.8f);
  private static final Evidence NEARER = new Evidence(DuplicateMethod.COPY_EMBEDDING, 0.9f);
  private static final Evidence BY_HASH = new Evidence(DuplicateMethod.HASH, 20);

  private final List<Verdict> verdicts = new ArrayList<>();
  private final MapTable<String, Evidence> undecided = new MapTable<>();
  private final MapTable<String, ComponentNode> nodes = new MapTable<>();
  private final Barriers barriers = new Barriers();
  private final ComponentTracker tracker = tracker(nodes, undecided);
  private int forgotten;

  @Test
  void theFirstThatIsDecidedIsKept() {
    decide("b", 2);
    tracker.join("a", "b", NEAR);
    decide("a", 1);
    assertEquals(List.of(Verdict.kept("b"), Verdict.copy("a", "b", NEAR.from("a", "b"))), verdicts);
  }

  @Test
  void aLateEdgeRetractsTheLaterKeeperOnce() {
    decide("a", 2);
    decide("b", 1);
    tracker.join("a", "b", NEAR);
    tracker.join("b", "a", NEAR);
    assertEquals(
        List.of(
            Verdict.kept("a"), Verdict.kept("b"), Verdict.retracted("a", "b", NEAR.from("a", "b"))),
        verdicts,
        "earlier by ingested_at stays, in whatever order they were decided");
    tracker.join("c", "a", NEAR);
    decide("c", 3);
    assertEquals(Verdict.copy("c", "b", NEAR.from("c", "a")), verdicts.get(3));
  }

  @Test
  void ofKeepersOfTheSameInstantTheLowerIdStays() {
    decide("b", 1);
    decide("a", 1);
    tracker.join("b", "a", NEAR);
    assertEquals(Verdict.retracted("b", "a", NEAR.from("b", "a")), verdicts.get(2));
  }

  @Test
  void aBridgeThatIsItselfACopyMergesWhatItTouches() {
    decide("a", 1);
    decide("b", 2);
    tracker.join("c", "b", NEAR);
    tracker.join("c", "a", NEARER);
    decide("c", 3);
    assertEquals(
        List.of(
            Verdict.kept("a"),
            Verdict.kept("b"),
            Verdict.retracted("b", "a", NEARER.from("c", "a")),
            Verdict.copy("c", "a", NEARER.from("c", "a"))),
        verdicts);
  }

  @Test
  void edgesAmongTheUndecidedNeedNoRetraction() {
    tracker.join("a", "b", NEAR);
    tracker.join("b", "c", NEAR);
    assertEquals(List.of(), verdicts);
    decide("c", 3);
    decide("a", 1);
    decide("b", 2);
    assertEquals(
        List.of(
            Verdict.kept("c"),
            Verdict.copy("a", "c", NEAR.from("a", "b")),
            Verdict.copy("b", "c", NEAR.from("b", "a"))),
        verdicts);
    assertEquals(0, undecided.size(), "evidence is kept no longer than it is needed");
  }

  @Test
  void aCopyNamesItsStrongestEdge() {
    decide("a", 1);
    tracker.join("b", "a", NEAR);
    tracker.join("b", "x", BY_HASH);
    tracker.join("b", "y", NEARER);
    decide("b", 2);
    assertEquals(Verdict.copy("b", "a", BY_HASH.from("b", "x")), verdicts.get(1));
  }

  @Test
  void aBenchmarkWithdrawsWhatItsComponentKeptAndContaminatesWhatComes() {
    String benchmark = Benchmark.name("z", "photos");
    decide("a", 1);
    tracker.contaminate(benchmark);
    tracker.join(benchmark, "a", NEAR);
    tracker.join("b", "a", NEAR);
    decide("b", 2);
    tracker.contaminate(benchmark);
    assertEquals(
        List.of(
            Verdict.kept("a"),
            Verdict.decontaminated("a", benchmark, List.of(NEAR.from("a", benchmark))),
            Verdict.contaminated("b", benchmark, NEAR.from("b", "a"))),
        verdicts);
    assertEquals(0, undecided.size());
  }

  @Test
  void anEdgeToAContaminatedComponentContaminatesTheOther() {
    String benchmark = Benchmark.name("z", "photos");
    tracker.contaminate(benchmark);
    tracker.join("a", benchmark, NEAR);
    decide("a", 1);
    decide("b", 2);
    tracker.join("b", "a", NEAR);
    decide("c", 3);
    assertEquals(
        List.of(
            Verdict.contaminated("a", benchmark, NEAR.from("a", benchmark)),
            Verdict.kept("b"),
            Verdict.decontaminated("b", benchmark, List.of(NEAR.from("b", "a"))),
            Verdict.kept("c")),
        verdicts);
  }

  @Test
  void aRetractionNamesThePairThatJoinedTheComponentsWhicheverOfThemIsLarger() {
    for (String larger : List.of("a", "b")) {
      verdicts.clear();
      ComponentTracker fresh = tracker(new MapTable<>(), new MapTable<>());
      decide(fresh, "a", 1, 1);
      decide(fresh, "b", 2, 1);
      fresh.join("a", "copy of a", NEAR);
      fresh.join("b", "copy of b", NEAR);
      fresh.join(larger, "another", NEAR);
      fresh.join("copy of a", "copy of b", NEARER);
      assertEquals(
          Verdict.retracted("b", "a", NEARER.from("copy of b", "copy of a")), verdicts.get(2));
    }
  }

  @Test
  void theSamePixelsAgainAreACopyOfWhatTheirComponentKeeps() {
    decide("a", 1);
    tracker.join("b", "a", NEAR);
    decide("b", 2);
    decide("b", 3);
    decide("a", 4);
    String benchmark = Benchmark.name("z", "photos");
    tracker.contaminate(benchmark);
    tracker.join("b", benchmark, NEAR);
    decide("a", 5);
    assertEquals(
        List.of(
            Verdict.returned("b", "a"),
            Verdict.returned("a", "a"),
            Verdict.decontaminated("a", benchmark, List.of(NEAR.from("b", benchmark))),
            Verdict.returned("a", benchmark)),
        verdicts.subList(2, verdicts.size()));
  }

  @Test
  void whatNoTableNamesGoesOnceACheckpointSaysThatNothingOnItsWayDoes() {
    decide(tracker, "a", 1, 2);
    tracker.unname("a", 1);
    pass(1);
    assertEquals(1, nodes.size(), "one table names it");
    tracker.unname("a", 1);
    tracker.forget();
    assertEquals(1, nodes.size(), "an edge may be on its way");
    pass(2);
    assertEquals(0, nodes.size());
    assertEquals(1, forgotten);
    decide("a", 2);
    assertEquals(List.of(Verdict.kept("a"), Verdict.kept("a")), verdicts);
  }

  @Test
  void whatTablesForgotBeforeItsVerdictGoesAsWell() {
    tracker.unname("a", 2);
    decide(tracker, "a", 1, 2);
    pass(1);
    assertEquals(0, nodes.size());
  }

  @Test
  void aComponentAnswersForItsMembersAfterItsKeeperWasForgottenAndGoesWithTheLast() {
    decide("a", 1);
    for (String copy : List.of("b", "c")) {
      tracker.join(copy, "a", NEAR);
      decide(copy, 2);
    }
    tracker.unname("a", 1);
    tracker.unname("b", 1);
    pass(1);
    assertEquals(Set.of("a", "c"), nodes.keys());
    tracker.join("d", "c", NEAR);
    decide("d", 3);
    tracker.decide("a", 4);
    assertEquals(
        List.of(Verdict.copy("d", "a", NEAR.from("d", "c")), Verdict.returned("a", "a")),
        verdicts.subList(3, verdicts.size()));
    tracker.unname("c", 1);
    tracker.unname("d", 1);
    pass(2);
    assertEquals(Set.of(), nodes.keys());
    assertEquals(4, forgotten);
  }

  @Test
  void whatTablesCameToNameAgainStays() {
    decide("a", 1);
    tracker.unname("a", 1);
    decide("a", 2);
    pass(1);
    assertEquals(Set.of("a"), nodes.keys());
    tracker.unname("a", 1);
    pass(2);
    assertEquals(Set.of(), nodes.keys());
  }

  @Test
  void anImageThatComesAgainIsKnownWhilePathsToItsComponentAreHalved() {
    String benchmark = Benchmark.name("z", "photos");
    decide("a", 1);
    tracker.contaminate(benchmark);
    tracker.join("a", benchmark, NEAR);
    tracker.join("b", "a", NEAR);
    decide("b", 2);
    decide("c", 3);
    tracker.join("c", benchmark, NEAR);
    tracker.unname("a", 1);
    pass(1);
    tracker.name("a", 1);
    tracker.join("a", benchmark, NEAR);
    tracker.join("a", "b", NEAR);
    tracker.decide("a", 4);
    assertEquals(Verdict.returned("a", benchmark), verdicts.get(verdicts.size() - 1));
  }

  @Test
  void anImageThatIsForgottenWhileItComesAgainIsCountedRight() {
    decide("a", 1);
    tracker.join("b", "a", NEAR);
    decide("b", 2);
    tracker.unname("a", 1);
    pass(1);
    tracker.unname("a", 1);
    tracker.unname("b", 1);
    pass(2);
    assertEquals(Set.of("a"), nodes.keys(), "one of its answers is on its way");
    tracker.name("a", 1);
    tracker.decide("a", 3);
    pass(3);
    assertEquals(Set.of(), nodes.keys());
  }

  @Test
  void benchmarksStayAndWhatTheyContaminateGoes() {
    String benchmark = Benchmark.name("z", "photos");
    decide("a", 1);
    tracker.contaminate(benchmark);
    tracker.join("a", benchmark, NEAR);
    tracker.join("b", benchmark, NEAR);
    decide("b", 2);
    tracker.unname("b", 1);
    pass(1);
    assertEquals(Set.of("a", benchmark), nodes.keys());
    tracker.join("c", benchmark, NEAR);
    decide("c", 3);
    assertEquals(
        Verdict.contaminated("c", benchmark, NEAR.from("c", benchmark)),
        verdicts.get(verdicts.size() - 1));
  }

  @Test
  void imagesOfAStateThatDidNotCountTheirNamesStay() {
    nodes.put("a", new ComponentNode("a", true, 1, "", "a", 1, null, 0, 0, 0));
    tracker.unname("a", 1);
    decide("a", 2);
    pass(1);
    assertEquals(Set.of("a"), nodes.keys());
    assertEquals(List.of(Verdict.returned("a", "a")), verdicts);
  }

  private void decide(String imageId, long ingestedMicros) {
    decide(tracker, imageId, ingestedMicros, 1);
  }

  private static void decide(
      ComponentTracker tracker, String imageId, long ingestedMicros, int names) {
    tracker.name(imageId, names);
    tracker.decide(imageId, ingestedMicros);
  }

  private void pass(long checkpoint) {
    barriers.passed(checkpoint);
    barriers.completed(checkpoint);
    tracker.forget();
  }

  private ComponentTracker tracker(
      MapTable<String, ComponentNode> nodes, MapTable<String, Evidence> undecided) {
    return new ComponentTracker(
        nodes,
        undecided,
        new StampedIds(new MapTable<>()),
        barriers,
        () -> forgotten++,
        verdicts::add);
  }

  @Test
  void anEdgeRestsOnADescriptor() {
    assertThrows(IllegalArgumentException.class, () -> new Evidence(DuplicateMethod.EXACT, 1));
  }
}
