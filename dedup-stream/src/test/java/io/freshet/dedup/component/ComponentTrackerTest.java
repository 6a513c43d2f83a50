package io.freshet.dedup.component;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.dedup.testing.MapTable;
import io.freshet.schemas.DuplicateMethod;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComponentTrackerTest {
  private static final Evidence NEAR = new Evidence(DuplicateMethod.COPY_EMBEDDING, 0.8f);
  private static final Evidence NEARER = new Evidence(DuplicateMethod.COPY_EMBEDDING, 0.9f);
  private static final Evidence BY_HASH = new Evidence(DuplicateMethod.HASH, 20);

  private final List<Verdict> verdicts = new ArrayList<>();
  private final MapTable<String, Evidence> undecided = new MapTable<>();
  private final ComponentTracker tracker =
      new ComponentTracker(new MapTable<>(), undecided, verdicts::add);

  @Test
  void theFirstThatIsDecidedIsKept() {
    tracker.decide("b", 2);
    tracker.join("a", "b", NEAR);
    tracker.decide("a", 1);
    assertEquals(List.of(Verdict.kept("b"), Verdict.copy("a", "b", NEAR.from("a", "b"))), verdicts);
  }

  @Test
  void aLateEdgeRetractsTheLaterKeeperOnce() {
    tracker.decide("a", 2);
    tracker.decide("b", 1);
    tracker.join("a", "b", NEAR);
    tracker.join("b", "a", NEAR);
    assertEquals(
        List.of(
            Verdict.kept("a"), Verdict.kept("b"), Verdict.retracted("a", "b", NEAR.from("a", "b"))),
        verdicts,
        "earlier by ingested_at stays, in whatever order they were decided");
    tracker.join("c", "a", NEAR);
    tracker.decide("c", 3);
    assertEquals(Verdict.copy("c", "b", NEAR.from("c", "a")), verdicts.get(3));
  }

  @Test
  void ofKeepersOfTheSameInstantTheLowerIdStays() {
    tracker.decide("b", 1);
    tracker.decide("a", 1);
    tracker.join("b", "a", NEAR);
    assertEquals(Verdict.retracted("b", "a", NEAR.from("b", "a")), verdicts.get(2));
  }

  @Test
  void aBridgeThatIsItselfACopyMergesWhatItTouches() {
    tracker.decide("a", 1);
    tracker.decide("b", 2);
    tracker.join("c", "b", NEAR);
    tracker.join("c", "a", NEARER);
    tracker.decide("c", 3);
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
    tracker.decide("c", 3);
    tracker.decide("a", 1);
    tracker.decide("b", 2);
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
    tracker.decide("a", 1);
    tracker.join("b", "a", NEAR);
    tracker.join("b", "x", BY_HASH);
    tracker.join("b", "y", NEARER);
    tracker.decide("b", 2);
    assertEquals(Verdict.copy("b", "a", BY_HASH.from("b", "x")), verdicts.get(1));
  }

  @Test
  void aBenchmarkWithdrawsWhatItsComponentKeptAndContaminatesWhatComes() {
    String benchmark = Benchmark.name("z", "photos");
    tracker.decide("a", 1);
    tracker.contaminate(benchmark);
    tracker.join(benchmark, "a", NEAR);
    tracker.join("b", "a", NEAR);
    tracker.decide("b", 2);
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
    tracker.decide("a", 1);
    tracker.decide("b", 2);
    tracker.join("b", "a", NEAR);
    tracker.decide("c", 3);
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
      ComponentTracker fresh =
          new ComponentTracker(new MapTable<>(), new MapTable<>(), verdicts::add);
      fresh.decide("a", 1);
      fresh.decide("b", 2);
      fresh.join("a", "copy of a", NEAR);
      fresh.join("b", "copy of b", NEAR);
      fresh.join(larger, "another", NEAR);
      fresh.join("copy of a", "copy of b", NEARER);
      assertEquals(
          Verdict.retracted("b", "a", NEARER.from("copy of b", "copy of a")), verdicts.get(2));
    }
  }

  @Test
  void refusesToDecideTwice() {
    tracker.decide("a", 1);
    assertThrows(IllegalStateException.class, () -> tracker.decide("a", 1));
  }

  @Test
  void anEdgeRestsOnADescriptor() {
    assertThrows(IllegalArgumentException.class, () -> new Evidence(DuplicateMethod.EXACT, 1));
  }
}
