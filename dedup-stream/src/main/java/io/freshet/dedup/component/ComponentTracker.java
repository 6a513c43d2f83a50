package io.freshet.dedup.component;

import io.freshet.dedup.state.Table;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The connected components of the images that are copies of each other, kept up as images and edges
 * arrive: a union-find (by size, paths halved) whose components name their keeper.
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
 * <p>An edge may come before its images, after them, or several times. State: a node an image.
 * Owner: one thread.
 */
public final class ComponentTracker {
  private final Table<String, ComponentNode> nodes;
  private final Table<String, Evidence> undecided;
  private final Consumer<Verdict> verdicts;

  /**
   * @param nodes by image_id; nothing else may use it
   * @param undecided the strongest edge so far of each image without a verdict; nothing else may
   *     use it
   * @param verdicts receives them in the order in which they fall, within the call that caused them
   */
  public ComponentTracker(
      Table<String, ComponentNode> nodes,
      Table<String, Evidence> undecided,
      Consumer<Verdict> verdicts) {
    this.nodes = nodes;
    this.undecided = undecided;
    this.verdicts = verdicts;
  }

  /** Two images are copies of each other. */
  public void join(String a, String b, Evidence evidence) {
    remember(a, evidence.from(a, b));
    remember(b, evidence.from(b, a));
    String rootOfA = root(a);
    String rootOfB = root(b);
    if (!rootOfA.equals(rootOfB)) {
      boolean aIsLarger = node(rootOfA).images() >= node(rootOfB).images();
      if (aIsLarger) {
        merge(rootOfA, rootOfB, evidence.from(a, b));
      } else {
        merge(rootOfB, rootOfA, evidence.from(b, a));
      }
    }
  }

  /**
   * Gives the image its verdict, by the edges known so far. Once an image.
   *
   * @param ingestedMicros when ingest accepted it, microseconds since 1970
   */
  public void decide(String imageId, long ingestedMicros) {
    String rootId = root(imageId);
    ComponentNode before = node(imageId);
    if (before.decided()) {
      throw new IllegalStateException("image %s was decided before".formatted(imageId));
    }
    nodes.put(imageId, before.asDecided());
    ComponentNode root = node(rootId);
    if (root.hasBenchmark()) {
      Evidence evidence = undecided.get(imageId).orElseThrow();
      verdicts.accept(Verdict.contaminated(imageId, root.benchmark(), evidence));
    } else if (root.hasKeeper()) {
      Evidence evidence = undecided.get(imageId).orElseThrow();
      verdicts.accept(Verdict.copy(imageId, root.keeper(), evidence));
    } else {
      nodes.put(rootId, root.withKeeper(imageId, ingestedMicros));
      verdicts.accept(Verdict.kept(imageId));
    }
    undecided.remove(imageId);
  }

  /**
   * A benchmark is part of the component. May be told several times, before or after its edges.
   *
   * @param benchmark a {@link Benchmark} name
   */
  public void contaminate(String benchmark) {
    nodes.put(benchmark, node(benchmark).asDecided());
    undecided.remove(benchmark);
    contaminate(root(benchmark), benchmark, List.of());
  }

  private void contaminate(String rootId, String benchmark, List<Evidence> evidence) {
    ComponentNode root = node(rootId);
    nodes.put(rootId, root.contaminatedBy(root.hasBenchmark() ? root.benchmark() : benchmark));
    if (root.hasKeeper()) {
      verdicts.accept(Verdict.decontaminated(root.keeper(), benchmark, evidence));
    }
  }

  private void remember(String imageId, Evidence evidence) {
    if (node(imageId).decided()) {
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
    ComponentNode root = node(rootId);
    ComponentNode child = node(childId);
    boolean rootKeeps = !child.hasKeeper() || (root.hasKeeper() && root.keeperPrecedes(child));
    ComponentNode kept = rootKeeps ? root : child;
    ComponentNode other = rootKeeps ? child : root;
    nodes.put(rootId, root.joinedBy(child, kept));
    nodes.put(childId, child.withParent(rootId));
    Evidence fromRoot = edge;
    Evidence fromChild = edge.from(edge.otherImageId(), edge.imageId());
    if (root.hasBenchmark() || child.hasBenchmark()) {
      contaminate(
          rootId,
          root.hasBenchmark() ? root.benchmark() : child.benchmark(),
          List.of(rootKeeps ? fromRoot : fromChild));
    } else if (other.hasKeeper()) {
      verdicts.accept(
          Verdict.retracted(other.keeper(), kept.keeper(), rootKeeps ? fromChild : fromRoot));
    }
  }

  private String root(String imageId) {
    String at = imageId;
    ComponentNode node = node(at);
    while (!node.parent().equals(at)) {
      String above = node(node.parent()).parent();
      if (!above.equals(node.parent())) {
        nodes.put(at, node.withParent(above));
      }
      at = above;
      node = node(at);
    }
    return at;
  }

  private ComponentNode node(String imageId) {
    return nodes.get(imageId).orElseGet(() -> ComponentNode.alone(imageId));
  }
}
