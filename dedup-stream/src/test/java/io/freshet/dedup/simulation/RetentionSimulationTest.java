package io.freshet.dedup.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.component.ComponentNode;
import io.freshet.dedup.component.ComponentNode.Stay;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.component.Verdict.Kind;
import io.freshet.dedup.settle.Outcome;
import io.freshet.dedup.settle.Outcome.Unique;
import io.freshet.dedup.similarity.Normalisation;
import io.freshet.dedup.simulation.RetentionOracle.Appearance;
import io.freshet.dedup.simulation.RetentionOracle.Judged;
import io.freshet.dedup.simulation.RetentionOracle.Pair;
import io.freshet.dedup.state.Retention;
import io.freshet.dedup.state.StampedIds;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A thousand seeded histories of the whole graph in which images are forgotten and come again,
 * against the {@link RetentionOracle}. {@code -Dseed=N} replays one.
 */
class RetentionSimulationTest {
  private static final int SEEDS = 1_000;
  private static final int LONG_CRAWL = 60;

  private int crashes;
  private int retractions;
  private int decontaminations;
  private int returned;
  private int announcedAgain;
  private int forgottenNodes;
  private int forgottenIds;

  @Test
  void ofWhatWasInsideTheRetentionTogetherOneIsKeptAndTheRestIsForgotten() {
    Long replayed = Long.getLong("seed");
    if (replayed != null) {
      verify(replayed);
      return;
    }
    for (long seed = 0; seed < SEEDS; seed++) {
      verify(seed);
    }
    assertTrue(crashes > SEEDS, "too few crashes: " + crashes);
    assertTrue(retractions > SEEDS / 4, "too few retractions: " + retractions);
    assertTrue(decontaminations > SEEDS / 8, "too few late benchmarks: " + decontaminations);
    assertTrue(returned > SEEDS / 4, "too few came again while they were known: " + returned);
    assertTrue(announcedAgain > SEEDS / 4, "too few were announced again: " + announcedAgain);
    assertTrue(forgottenNodes > 10 * SEEDS, "too few nodes went: " + forgottenNodes);
    assertTrue(forgottenIds > 10 * SEEDS, "too few ids went: " + forgottenIds);
  }

  private void verify(long seed) {
    String context = "seed %d (replay it with -Dseed=%d)".formatted(seed, seed);
    Random random = new Random(seed);
    Retention retention =
        random.nextBoolean()
            ? new Retention(2 + random.nextInt(40), Duration.ZERO)
            : new Retention(0, Duration.ofMillis(2 + random.nextInt(40)));
    SimulatedCrawl crawl = new SimulatedCrawl(LONG_CRAWL, random);
    DedupSimulation simulation =
        new DedupSimulation(crawl, Normalisation.NONE, retention, new Random(~seed));
    SimulatedState end = simulation.run();
    assertEquals(0, end.unfinished(), context + ": something waits for ever");
    DedupSimulationTest.verifyConservation(crawl, end, context);
    Set<Appearance> kept = kept(end, context);
    verifyComponents(end.oracle, kept, context);
    verifyForgotten(end, context);
    crashes += simulation.crashes();
    forgottenNodes += end.oracle.forgotten;
    forgottenIds += end.oracle.images().size() - end.seen.size();
    returned += end.oracle.returned.size();
  }

  /** By the verdicts in their order, which the outcomes must match. */
  private Set<Appearance> kept(SimulatedState end, String context) {
    Map<String, Appearance> current = new HashMap<>();
    Set<Appearance> kept = new HashSet<>();
    List<String> announced = new ArrayList<>();
    List<Verdict> withdrawn = new ArrayList<>();
    for (Judged judged : end.oracle.judged) {
      Verdict verdict = judged.verdict();
      String imageId = verdict.imageId();
      switch (verdict.kind()) {
        case KEPT -> {
          announcedAgain += current.put(imageId, judged.appearance()) == null ? 0 : 1;
          kept.add(judged.appearance());
          announced.add(imageId);
        }
        case RETRACTED, DECONTAMINATED -> {
          Appearance was = current.get(imageId);
          assertTrue(kept.remove(was), context + ": withdrew what was not kept, " + was);
          withdrawn.add(verdict);
          if (verdict.kind() == Kind.RETRACTED) {
            retractions++;
            Appearance survivor = current.get(verdict.keptImageId());
            assertFalse(
                arePair(end.oracle, was, survivor),
                context + ": needless, the pair was known when the later of them was decided");
          } else {
            decontaminations++;
          }
        }
        case COPY, CONTAMINATED, RETURNED -> {}
      }
    }
    List<String> unique = new ArrayList<>();
    for (Outcome outcome : end.outcomes) {
      if (outcome instanceof Unique image) {
        unique.add(image.request().imageId());
      }
    }
    assertEquals(announced.stream().sorted().toList(), unique.stream().sorted().toList(), context);
    assertEquals(Set.copyOf(withdrawn), Set.copyOf(end.retracted), context);
    assertEquals(withdrawn.size(), end.retracted.size(), context);
    return kept;
  }

  private static boolean arePair(RetentionOracle oracle, Appearance a, Appearance b) {
    return oracle.pairs.contains(new Pair(a, b)) || oracle.pairs.contains(new Pair(b, a));
  }

  private static void verifyComponents(
      RetentionOracle oracle, Set<Appearance> kept, String context) {
    for (Set<Appearance> component : components(oracle)) {
      long keepers = component.stream().filter(kept::contains).count();
      boolean mayHaveNone = component.stream().anyMatch(oracle.forgottenMeanwhile::contains);
      if (keepers == 0 && mayHaveNone) {
        continue;
      }
      assertEquals(
          component.stream().anyMatch(oracle.contaminated::contains) ? 0 : 1,
          keepers,
          () -> context + ": " + told(oracle, component));
    }
  }

  private static String told(RetentionOracle oracle, Set<Appearance> component) {
    return "%s%ncopies %s%nknown again %s%ncontaminated %s%nverdicts %s"
        .formatted(
            component,
            oracle.pairs.stream().filter(pair -> component.contains(pair.later())).toList(),
            oracle.returned.stream().filter(pair -> component.contains(pair.later())).toList(),
            component.stream().filter(oracle.contaminated::contains).toList(),
            oracle.judged.stream()
                .filter(judged -> component.contains(judged.appearance()))
                .map(Judged::verdict)
                .toList());
  }

  private static List<Set<Appearance>> components(RetentionOracle oracle) {
    Map<Appearance, List<Appearance>> neighbours = new HashMap<>();
    Stream.of(oracle.pairs, oracle.returned)
        .flatMap(Collection::stream)
        .forEach(
            pair -> {
              neighbours.computeIfAbsent(pair.later(), a -> new ArrayList<>()).add(pair.earlier());
              neighbours.computeIfAbsent(pair.earlier(), a -> new ArrayList<>()).add(pair.later());
            });
    List<Set<Appearance>> components = new ArrayList<>();
    Set<Appearance> reached = new HashSet<>();
    for (Appearance first : oracle.all) {
      if (reached.add(first)) {
        Set<Appearance> component = new HashSet<>();
        Deque<Appearance> border = new ArrayDeque<>(List.of(first));
        while (!border.isEmpty()) {
          Appearance at = border.remove();
          component.add(at);
          neighbours.getOrDefault(at, List.of()).stream().filter(reached::add).forEach(border::add);
        }
        components.add(component);
      }
    }
    return components;
  }

  /** Nothing stays but what is named, waits to be forgotten, or is needed by those. */
  private static void verifyForgotten(SimulatedState end, String context) {
    Set<String> asked = new HashSet<>();
    end.parts.forEach(part -> asked.addAll(part.lastRequested.keys()));
    assertEquals(asked, end.seen.keys(), context);
    assertTrue(asked.containsAll(end.readable.keys()), context + ": readable for ever");
    assertTrue(asked.containsAll(end.fates.keys()), context + ": fates for ever");
    Map<String, Integer> children = new HashMap<>();
    for (String imageId : end.nodes.keys()) {
      String parent = end.nodes.get(imageId).orElseThrow().parent();
      if (!parent.equals(imageId)) {
        assertTrue(end.nodes.get(parent).isPresent(), context + ": no parent of " + imageId);
        children.merge(parent, 1, Integer::sum);
      }
    }
    Set<String> named = end.oracle.named();
    Set<String> waiting = waiting(end);
    for (String imageId : end.nodes.keys()) {
      ComponentNode node = end.nodes.get(imageId).orElseThrow();
      int below = children.getOrDefault(imageId, 0);
      if (node.stay() != Stay.LASTING) {
        assertEquals(below, node.children(), context);
      }
      assertTrue(node.decided() && node.names() >= 0, context + ": " + imageId + " is " + node);
      if (node.stay() == Stay.CARRYING) {
        assertTrue(below > 0, context + ": needed by nothing, " + imageId);
        assertFalse(named.contains(imageId), context + ": still named, " + imageId);
      } else if (node.stay() == Stay.NAMED && !named.contains(imageId)) {
        assertTrue(waiting.contains(imageId), context + ": never to go, " + imageId);
      }
    }
  }

  private static Set<String> waiting(SimulatedState end) {
    Set<String> waiting = new HashSet<>();
    StampedIds unnamed = new StampedIds(end.unnamed);
    for (var next = unnamed.poll(stamp -> true);
        next.isPresent();
        next = unnamed.poll(stamp -> true)) {
      waiting.add(next.get().imageId());
    }
    return waiting;
  }
}
