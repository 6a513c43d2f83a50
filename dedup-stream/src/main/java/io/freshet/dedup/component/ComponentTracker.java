package io.freshet.dedup.component;

import io.freshet.dedup.state.Barriers;
import io.freshet.dedup.state.StampedIds;
import io.freshet.dedup.state.Table;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The connected components of the images that are copies of each other, kept up as images and edges
 * arrive: a union-find whose trees have their keepers as roots, or a member while there is none.
 *
 * <p>Guarantee, for edges and images in any order: once all have arrived, each component has
 * exactly one image among those kept and not retracted. The first that is decided is kept; where an
 * edge joins two components that both have a keeper, the earlier by (ingested_at, image_id) stays
 * and the other is retracted. So a component of {@code n} keepers costs {@code n - 1} retractions,
 * and none happens that an edge known at the time of the verdict could have spared.
 *
 * <p>A component that holds a benchmark keeps nothing: what was kept of it is withdrawn, what comes
 * later is contaminated.
 *
 * <p>An edge may come before its images, after them, or several times. An image that is decided
 * again, since its id was forgotten where requests are told apart, is a copy of what its component
 * keeps.
 *
 * <p>State: a node an image. Tables that name an image count as {@code names} of its node; where
 * none does any more, nothing can join it to others, and once what was on its way has arrived its
 * node goes, at the latest with the last of its component. A component that has any named image
 * answers for it as before, whether or not its keeper is among those that are forgotten.
 *
 * <p>Owner: one thread.
 */
public final class ComponentTracker {
  /** Nodes that go with one image at most; no more of them come to be unnamed with one. */
  private static final int MOST_FORGOTTEN = 128;

  private final ComponentForest forest;
  private final Table<String, Evidence> undecided;
  private final StampedIds unnamed;
  private final Barriers barriers;
  private final Consumer<Verdict> verdicts;

  /**
   * @param nodes by image_id; nothing else may use it
   * @param undecided the strongest edge so far of each image without a verdict; nothing else may
   *     use it
   * @param unnamed images that tables no longer name; nothing else may use it
   * @param barriers that pass where this runs
   * @param forgotten told of each image that is forgotten
   * @param verdicts receives them in the order in which they fall, within the call that caused them
   */
  public ComponentTracker(
      Table<String, ComponentNode> nodes,
      Table<String, Evidence> undecided,
      StampedIds unnamed,
      Barriers barriers,
      Runnable forgotten,
      Consumer<Verdict> verdicts) {
    this.forest = new ComponentForest(nodes, forgotten);
    this.undecided = undecided;
    this.unnamed = unnamed;
    this.barriers = barriers;
    this.verdicts = verdicts;
  }

  /** Two images are copies of each other. */
  public void join(String a, String b, Evidence evidence) {
    remember(a, evidence.from(a, b));
    remember(b, evidence.from(b, a));
    String rootOfA = forest.root(a);
    String rootOfB = forest.root(b);
    if (!rootOfA.equals(rootOfB)) {
      if (isAbove(forest.node(rootOfA), forest.node(rootOfB))) {
        merge(rootOfA, rootOfB, evidence.from(a, b));
      } else {
        merge(rootOfB, rootOfA, evidence.from(b, a));
      }
    }
  }

  /**
   * Whether this root stays one: the keeper that stays; among trees without, that of the larger.
   */
  private static boolean isAbove(ComponentNode a, ComponentNode b) {
    if (a.hasKeeper() && b.hasKeeper()) {
      return a.keeperPrecedes(b);
    }
    return a.hasKeeper() == b.hasKeeper() ? a.images() >= b.images() : a.hasKeeper();
  }

  /**
   * Gives the image its verdict, by the edges known so far.
   *
   * @param ingestedMicros when ingest accepted it, microseconds since 1970
   */
  public void decide(String imageId, long ingestedMicros) {
    String rootId = forest.root(imageId);
    ComponentNode before = forest.node(imageId);
    put(imageId, before.asDecided());
    ComponentNode root = forest.node(rootId);
    if (before.decided()) {
      verdicts.accept(Verdict.returned(imageId, root.keeperOrBenchmark()));
      return;
    }
    if (root.hasBenchmark()) {
      Evidence evidence = undecided.get(imageId).orElseThrow();
      verdicts.accept(Verdict.contaminated(imageId, root.benchmark(), evidence));
    } else if (root.hasKeeper()) {
      Evidence evidence = undecided.get(imageId).orElseThrow();
      verdicts.accept(Verdict.copy(imageId, root.keeper(), evidence));
    } else {
      forest.raise(imageId, rootId);
      forest.put(imageId, forest.node(imageId).withKeeper(imageId, ingestedMicros));
      verdicts.accept(Verdict.kept(imageId));
    }
    undecided.remove(imageId);
  }

  /**
   * Tables came to name an image. Before the edges that it comes with, so that it isn't forgotten
   * on the way.
   *
   * @param entries that name it from now on
   */
  public void name(String imageId, int entries) {
    forest.put(imageId, forest.node(imageId).namedBy(entries));
  }

  /**
   * Tables forgot an image.
   *
   * @param entries that named it
   */
  public void unname(String imageId, int entries) {
    put(imageId, forest.node(imageId).namedBy(-entries));
  }

  private void put(String imageId, ComponentNode node) {
    if (node.isUnnamed()) {
      forest.put(imageId, node.unnamedAt(barriers.stamp()));
      unnamed.add(imageId, barriers.stamp());
    } else {
      forest.put(imageId, node);
    }
  }

  /** Forgets images that nothing names, neither a table nor what is on its way; a few at a time. */
  public void forget() {
    for (int i = 0; i < MOST_FORGOTTEN; i++) {
      Optional<StampedIds.Entry> over = unnamed.poll(barriers::isSettled);
      if (over.isEmpty()) {
        return;
      }
      forest.forget(over.get().imageId(), over.get().stamp());
    }
  }

  /**
   * A benchmark is part of the component. May be told several times, before or after its edges.
   *
   * @param benchmark a {@link Benchmark} name
   */
  public void contaminate(String benchmark) {
    forest.put(benchmark, forest.node(benchmark).asDecided());
    undecided.remove(benchmark);
    contaminate(forest.root(benchmark), benchmark, List.of());
  }

  private void contaminate(String rootId, String benchmark, List<Evidence> evidence) {
    ComponentNode root = forest.node(rootId);
    forest.put(rootId, root.contaminatedBy(root.hasBenchmark() ? root.benchmark() : benchmark));
    if (root.hasKeeper()) {
      verdicts.accept(Verdict.decontaminated(root.keeper(), benchmark, evidence));
    }
  }

  private void remember(String imageId, Evidence evidence) {
    if (forest.node(imageId).decided()) {
      return;
    }
    Optional<Evidence> known = undecided.get(imageId);
    if (known.isEmpty() || Evidence.STRONGEST_FIRST.compare(evidence, known.get()) < 0) {
      undecided.put(imageId, evidence);
    }
  }

  /**
   * @param edge from an image of the root's component to one of the child's
   */
  private void merge(String rootId, String childId, Evidence edge) {
    ComponentNode root = forest.node(rootId);
    ComponentNode child = forest.node(childId);
    forest.join(rootId, root.joinedBy(child), childId, child);
    if (root.hasBenchmark() || child.hasBenchmark()) {
      contaminate(
          rootId, root.hasBenchmark() ? root.benchmark() : child.benchmark(), List.of(edge));
    } else if (child.hasKeeper()) {
      Evidence fromChild = edge.from(edge.otherImageId(), edge.imageId());
      verdicts.accept(Verdict.retracted(child.keeper(), root.keeper(), fromChild));
    }
  }
}
