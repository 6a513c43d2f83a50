package io.freshet.dedup.component;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.component.ComponentSimulation.Edge;
import io.freshet.dedup.component.ComponentSimulation.Step;
import io.freshet.dedup.component.Verdict.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A thousand seeded histories against the batch: components by flooding the edges, without the
 * union-find. {@code -Dseed=N} replays one.
 */
class ComponentTrackerSimulationTest {
  private static final int SEEDS = 1_000;

  @Test
  void eachComponentOfTheBatchKeepsOneAndNoRetractionIsNeedless() {
    long replayed = Long.getLong("seed", -1);
    if (replayed >= 0) {
      verify(replayed);
      return;
    }
    Coverage coverage = new Coverage();
    for (long seed = 0; seed < SEEDS; seed++) {
      coverage.add(verify(seed));
    }
    assertTrue(coverage.crashes > SEEDS, "too few crashes: " + coverage.crashes);
    assertTrue(coverage.late > SEEDS, "too few late edges: " + coverage.late);
    assertTrue(coverage.retractions > SEEDS, "too few retractions: " + coverage.retractions);
  }

  /** What the histories went through; a simulation in which nothing happens proves nothing. */
  private static final class Coverage {
    int crashes;
    int late;
    long retractions;

    void add(History history) {
      crashes += history.simulation().crashes();
      late += history.simulation().late();
      retractions +=
          history.steps().stream().filter(step -> step.verdict().kind() == Kind.RETRACTED).count();
    }
  }

  private record History(ComponentSimulation simulation, List<Step> steps) {}

  private static History verify(long seed) {
    String context = "seed %d (replay it with -Dseed=%d)".formatted(seed, seed);
    ComponentSimulation simulation = new ComponentSimulation(seed);
    List<Step> steps = simulation.run();
    assertEquals(0, simulation.undecidedLeft(), context + ": evidence of decided images");
    Set<String> kept = new HashSet<>();
    Set<String> decided = new HashSet<>();
    for (Step step : steps) {
      switch (step.verdict().kind()) {
        case RETRACTED, DECONTAMINATED -> verifyNeeded(simulation, step, kept, context);
        case KEPT, COPY, CONTAMINATED, RETURNED -> verifyVerdict(step, kept, decided, context);
      }
    }
    assertEquals(simulation.ingestedMicros().size(), decided.size(), context);
    for (Set<String> component : components(simulation, simulation.edges())) {
      long keepers = component.stream().filter(kept::contains).count();
      assertEquals(1, keepers, "%s: %s keeps %s".formatted(context, component, kept));
    }
    return new History(simulation, steps);
  }

  private static void verifyVerdict(
      Step step, Set<String> kept, Set<String> decided, String context) {
    String imageId = step.verdict().imageId();
    assertTrue(decided.add(imageId), context + ": decided twice, " + imageId);
    Set<String> component = component(imageId, step.known());
    if (step.verdict().kind() == Kind.COPY) {
      String keeper = step.verdict().keptImageId();
      assertTrue(component.contains(keeper), context + ": no path to the keeper");
      assertTrue(kept.contains(keeper), context + ": a copy of what isn't kept");
    } else {
      assertTrue(
          component.stream().noneMatch(kept::contains),
          "%s: %s is kept beside %s, which calls for a retraction"
              .formatted(context, imageId, component));
      kept.add(imageId);
    }
  }

  /** The retracted image was kept, an edge joins it to an earlier one, and that one is kept. */
  private static void verifyNeeded(
      ComponentSimulation simulation, Step step, Set<String> kept, String context) {
    Verdict retracted = step.verdict();
    String survivor = retracted.keptImageId();
    assertTrue(kept.remove(retracted.imageId()), context + ": retracted what was not kept");
    assertTrue(kept.contains(survivor), context + ": merged into what is not kept");
    assertTrue(
        component(retracted.imageId(), step.known()).contains(survivor),
        context + ": retracted without an edge");
    assertTrue(
        order(simulation, survivor) < order(simulation, retracted.imageId()),
        context + ": the later keeper stayed");
  }

  private static long order(ComponentSimulation simulation, String imageId) {
    int image = Integer.parseInt(imageId.substring("image-".length()));
    return 1_000 * simulation.ingestedMicros().get(image) + image;
  }

  private static Collection<Set<String>> components(
      ComponentSimulation simulation, List<Edge> edges) {
    Set<String> left = new HashSet<>();
    for (int image = 0; image < simulation.ingestedMicros().size(); image++) {
      left.add(ComponentSimulation.imageId(image));
    }
    List<Set<String>> components = new ArrayList<>();
    while (!left.isEmpty()) {
      Set<String> component = component(left.iterator().next(), edges);
      left.removeAll(component);
      components.add(component);
    }
    return components;
  }

  private static Set<String> component(String imageId, List<Edge> edges) {
    Set<String> reached = new HashSet<>(Set.of(imageId));
    Deque<String> border = new ArrayDeque<>(reached);
    while (!border.isEmpty()) {
      String at = border.remove();
      for (Edge edge : edges) {
        String a = ComponentSimulation.imageId(edge.a());
        String b = ComponentSimulation.imageId(edge.b());
        String next = at.equals(a) ? b : at.equals(b) ? a : at;
        if (reached.add(next)) {
          border.add(next);
        }
      }
    }
    return reached;
  }
}
