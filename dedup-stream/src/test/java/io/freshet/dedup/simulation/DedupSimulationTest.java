package io.freshet.dedup.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.component.Benchmark;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.settle.Outcome;
import io.freshet.dedup.settle.Outcome.Duplicate;
import io.freshet.dedup.settle.Outcome.Unique;
import io.freshet.dedup.similarity.BackgroundOracle;
import io.freshet.dedup.similarity.CopyBound;
import io.freshet.dedup.similarity.Normalisation;
import io.freshet.dedup.state.Retention;
import io.freshet.schemas.DuplicateMethod;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;

/**
 * Many seeded histories of the whole graph against the batch: all pairs compared, components by
 * flooding. {@code -Dseed=N} replays one.
 */
class DedupSimulationTest {
  private static final int SEEDS = 200;

  /** Small enough to be in place and renewed within one crawl. */
  private static final Normalisation NORMALISATION = new Normalisation(1, 2, 16, 16);

  private int crashes;
  private int lateEmbeddings;
  private int retractions;
  private int decontaminations;
  private int otherEdges;
  private final Set<DuplicateMethod> methods = EnumSet.noneOf(DuplicateMethod.class);

  @Test
  void everyRequestEndsOnceAndEachComponentOfTheBatchKeepsOne() {
    verifySeeds(SEEDS, Normalisation.NONE);
    if (Long.getLong("seed") != null) {
      return;
    }
    assertTrue(crashes > SEEDS, "too few crashes: " + crashes);
    assertTrue(lateEmbeddings > SEEDS / 10, "too few stand-ins: " + lateEmbeddings);
    assertTrue(retractions > SEEDS / 4, "too few retractions: " + retractions);
    assertTrue(decontaminations > SEEDS / 4, "too few late benchmarks: " + decontaminations);
    assertEquals(
        EnumSet.of(
            DuplicateMethod.EXACT,
            DuplicateMethod.HASH,
            DuplicateMethod.COPY_EMBEDDING,
            DuplicateMethod.BENCHMARK),
        methods);
  }

  /** Edges are by each image's excess when it passed the sequence, in the history that stood. */
  @Test
  void theSameHoldsWhereScoresAreNormalised() {
    verifySeeds(SEEDS / 2, NORMALISATION);
    if (Long.getLong("seed") != null) {
      return;
    }
    assertTrue(crashes > SEEDS / 2, "too few crashes: " + crashes);
    assertTrue(retractions > SEEDS / 8, "too few retractions: " + retractions);
    assertTrue(otherEdges > SEEDS, "too few edges are other ones for it: " + otherEdges);
  }

  private void verifySeeds(int seeds, Normalisation normalisation) {
    Long replayed = Long.getLong("seed");
    if (replayed != null) {
      verify(replayed, normalisation);
      return;
    }
    for (long seed = 0; seed < seeds; seed++) {
      verify(seed, normalisation);
    }
  }

  private void verify(long seed, Normalisation normalisation) {
    String context = "seed %d (replay it with -Dseed=%d)".formatted(seed, seed);
    SimulatedCrawl crawl = new SimulatedCrawl(SimulatedCrawl.REQUESTS, new Random(seed));
    DedupSimulation simulation =
        new DedupSimulation(crawl, normalisation, Retention.ALL, new Random(~seed));
    SimulatedState end = simulation.run();
    assertEquals(0, end.unfinished(), context + ": something waits for ever");
    verifyConservation(crawl, end, context);
    if (normalisation.isOn()) {
      verifyExcess(crawl, end, context);
    }
    CopyBound bound = new CopyBound(SimulatedCrawl.COSINE, normalisation.weight());
    verifyComponents(
        crawl,
        end,
        (a, b) -> crawl.areNear(a, b, bound.cosine(end.excess.get(a), end.excess.get(b))),
        context);
    otherEdges += otherEdges(crawl, end, bound);
    crashes += simulation.crashes();
    lateEmbeddings += simulation.lateEmbeddings();
    for (Verdict withdrawn : end.retracted) {
      retractions += withdrawn.kind() == Verdict.Kind.RETRACTED ? 1 : 0;
      decontaminations += withdrawn.kind() == Verdict.Kind.DECONTAMINATED ? 1 : 0;
    }
    for (Outcome outcome : end.outcomes) {
      if (outcome instanceof Duplicate duplicate) {
        methods.add(duplicate.method());
      }
    }
  }

  static void verifyConservation(SimulatedCrawl crawl, SimulatedState end, String context) {
    Set<String> ended = new HashSet<>();
    for (Outcome outcome : end.outcomes) {
      String requestId = outcome.request().image().getRequestId();
      assertTrue(ended.add(requestId), context + ": a second outcome of " + requestId);
      boolean isBroken = crawl.brokenRequests.contains(requestId);
      assertFalse(isBroken && outcome instanceof Unique, context + ": no bytes " + requestId);
    }
    for (Unreadable refused : end.refused) {
      String requestId = refused.request().image().getRequestId();
      assertTrue(ended.add(requestId), context + ": a second outcome of " + requestId);
      assertTrue(crawl.brokenRequests.contains(requestId), context + ": refused " + requestId);
    }
    assertEquals(crawl.requests.size(), ended.size(), context);
  }

  /** Of those images whose results stood each passed the sequence once. */
  private static void verifyExcess(SimulatedCrawl crawl, SimulatedState end, String context) {
    float[] expected =
        BackgroundOracle.excess(
            end.sequence,
            end.sequence.stream().map(crawl.vectors::get).toList(),
            NORMALISATION,
            SimulatedCrawl.COSINE);
    assertEquals(crawl.readable(), end.excess.keySet(), context);
    assertEquals(end.excess.size(), expected.length, context);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], end.excess.get(end.sequence.get(i)), 1e-5, context);
    }
  }

  /** Pairs that are copies, or aren't, for the normalisation alone. */
  private static int otherEdges(SimulatedCrawl crawl, SimulatedState end, CopyBound bound) {
    int others = 0;
    for (String a : end.sequence) {
      for (String b : end.sequence) {
        double cosine = bound.cosine(end.excess.get(a), end.excess.get(b));
        boolean isNear = crawl.areNear(a, b, cosine);
        others += a.compareTo(b) < 0 && isNear != crawl.areNear(a, b, bound.threshold()) ? 1 : 0;
      }
    }
    return others;
  }

  private static void verifyComponents(
      SimulatedCrawl crawl,
      SimulatedState end,
      BiPredicate<String, String> areNear,
      String context) {
    Set<String> kept = new HashSet<>();
    for (Outcome outcome : end.outcomes) {
      if (outcome instanceof Unique unique) {
        assertTrue(kept.add(unique.request().imageId()), context + ": unique twice");
      }
    }
    for (Verdict retracted : end.retracted) {
      String imageId = retracted.imageId();
      assertTrue(kept.remove(imageId), context + ": retracted what was not kept");
      assertFalse(
          retracted.kind() == Verdict.Kind.RETRACTED
              && areNear.test(imageId, retracted.keptImageId()),
          context + ": needless, the edge was there when the later of them was decided");
    }
    List<Set<String>> batch = batch(crawl, areNear);
    for (Set<String> component : batch) {
      assertEquals(
          component.stream().anyMatch(crawl::isContaminated) ? 0 : 1,
          component.stream().filter(kept::contains).count(),
          "%s: of %s these are kept: %s".formatted(context, component, kept));
    }
    verifyKeepers(end, batch, context);
  }

  private static void verifyKeepers(SimulatedState end, List<Set<String>> batch, String context) {
    for (Outcome outcome : end.outcomes) {
      if (outcome instanceof Duplicate duplicate) {
        verifyKeeper(duplicate.request().imageId(), duplicate.keptImageId(), batch, context);
      }
    }
    for (Verdict retracted : end.retracted) {
      verifyKeeper(retracted.imageId(), retracted.keptImageId(), batch, context);
    }
  }

  private static void verifyKeeper(
      String imageId, String keeper, List<Set<String>> batch, String context) {
    assertTrue(
        Benchmark.isName(keeper)
            || batch.stream()
                .anyMatch(component -> component.contains(imageId) && component.contains(keeper)),
        "%s: %s names %s, of another component".formatted(context, imageId, keeper));
  }

  private static List<Set<String>> batch(
      SimulatedCrawl crawl, BiPredicate<String, String> areNear) {
    Set<String> left = new HashSet<>(crawl.readable());
    List<Set<String>> components = new ArrayList<>();
    while (!left.isEmpty()) {
      Set<String> component = new HashSet<>();
      Deque<String> border = new ArrayDeque<>();
      String first = left.iterator().next();
      left.remove(first);
      border.add(first);
      while (!border.isEmpty()) {
        String at = border.remove();
        component.add(at);
        List<String> near = left.stream().filter(other -> areNear.test(at, other)).toList();
        left.removeAll(near);
        border.addAll(near);
      }
      components.add(component);
    }
    return components;
  }
}
