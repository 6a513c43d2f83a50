package io.freshet.dedup.component;

import java.util.Objects;

/**
 * An image in a {@link ComponentForest}. What describes the component counts only where the image
 * is its own parent.
 *
 * @param parent image_id one step towards the component's root
 * @param decided whether the image got its verdict
 * @param images that ever came to the component
 * @param benchmark a benchmark image in the component; empty while there is none
 * @param keeper image_id of the one that is kept; empty while none was decided, and for ever where
 *     there is a benchmark
 * @param keeperIngestedMicros when ingest accepted the keeper, microseconds since 1970
 * @param stay how long the node does
 * @param names entries of tables that name the image; below 0 where some forgot it before it was
 *     decided
 * @param children nodes whose parent it is, where its stay depends on them
 * @param unnamedAt stamp of when the last entry that named it went
 */
public record ComponentNode(
    String parent,
    boolean decided,
    int images,
    String benchmark,
    String keeper,
    long keeperIngestedMicros,
    Stay stay,
    int names,
    int children,
    long unnamedAt) {

  /** How long a node stays. */
  public enum Stay {
    /** For ever: a benchmark, or an image of a state in which names were not counted. */
    LASTING,
    /** While a table names it. */
    NAMED,
    /** While it has children: no table names it. */
    CARRYING
  }

  public ComponentNode {
    Objects.requireNonNull(parent, "parent");
    Objects.requireNonNull(benchmark, "benchmark");
    Objects.requireNonNull(keeper, "keeper");
    stay = Objects.requireNonNullElse(stay, Stay.LASTING);
    if (images < 1) {
      throw new IllegalArgumentException("a component of %d images; at least 1".formatted(images));
    }
  }

  static ComponentNode alone(String imageId) {
    Stay stay = Benchmark.isName(imageId) ? Stay.LASTING : Stay.NAMED;
    return new ComponentNode(imageId, false, 1, "", "", 0, stay, 0, 0, 0);
  }

  boolean hasBenchmark() {
    return !benchmark.isEmpty();
  }

  boolean hasKeeper() {
    return !keeper.isEmpty();
  }

  /** The one that its component keeps, or the benchmark that it holds. */
  String keeperOrBenchmark() {
    return hasBenchmark() ? benchmark : keeper;
  }

  /** Whether this keeper stays when both components had one. */
  boolean keeperPrecedes(ComponentNode other) {
    return keeperIngestedMicros != other.keeperIngestedMicros
        ? keeperIngestedMicros < other.keeperIngestedMicros
        : keeper.compareTo(other.keeper) < 0;
  }

  /** Whether it was decided and no table names it, so that none will again. */
  boolean isUnnamed() {
    return stay == Stay.NAMED && decided && names == 0;
  }

  /** Whether nothing needs it. */
  boolean isOver() {
    return stay == Stay.CARRYING && children == 0 && names == 0;
  }

  ComponentNode withParent(String above) {
    return placed(above, decided, stay, names, children, unnamedAt);
  }

  ComponentNode asDecided() {
    return placed(parent, true, stay, names, children, unnamedAt);
  }

  ComponentNode withKeeper(String imageId, long ingestedMicros) {
    return describing(images, benchmark, imageId, ingestedMicros, children);
  }

  /** The root of this component and {@code other}, which keeps what this one does. */
  ComponentNode joinedBy(ComponentNode other) {
    int together = (int) Math.min(Integer.MAX_VALUE, (long) images + other.images);
    return describing(together, benchmark, keeper, keeperIngestedMicros, children + 1);
  }

  /** In the place of a root that hangs under it from now on. */
  ComponentNode above(String imageId, ComponentNode root) {
    return describing(
            root.images, root.benchmark, root.keeper, root.keeperIngestedMicros, children + 1)
        .withParent(imageId);
  }

  /** The root of a component that holds a benchmark and so keeps nothing. */
  ComponentNode contaminatedBy(String name) {
    return describing(images, name, "", 0, children);
  }

  /** Tables came to name it, or, below 0, forgot it. */
  ComponentNode namedBy(int more) {
    Stay now = stay == Stay.CARRYING && more > 0 ? Stay.NAMED : stay;
    return placed(parent, decided, now, names + more, children, unnamedAt);
  }

  ComponentNode unnamedAt(long stamp) {
    return placed(parent, decided, stay, names, children, stamp);
  }

  ComponentNode asCarrying() {
    return placed(parent, decided, Stay.CARRYING, names, children, unnamedAt);
  }

  ComponentNode withChildren(int more) {
    return placed(parent, decided, stay, names, children + more, unnamedAt);
  }

  /** With the same component. */
  private ComponentNode placed(
      String above, boolean isDecided, Stay howLong, int named, int below, long stamp) {
    return new ComponentNode(
        above,
        isDecided,
        images,
        benchmark,
        keeper,
        keeperIngestedMicros,
        howLong,
        named,
        below,
        stamp);
  }

  /** With another component. */
  private ComponentNode describing(
      int together, String withBenchmark, String kept, long keptIngestedMicros, int below) {
    return new ComponentNode(
        parent,
        decided,
        together,
        withBenchmark,
        kept,
        keptIngestedMicros,
        stay,
        names,
        below,
        unnamedAt);
  }
}
