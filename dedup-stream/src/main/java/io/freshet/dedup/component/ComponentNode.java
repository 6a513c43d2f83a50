package io.freshet.dedup.component;

import java.util.Objects;

/**
 * An image in the forest of a {@link ComponentTracker}. What describes the component counts only
 * where the image is its own parent.
 *
 * @param parent image_id one step towards the component's root
 * @param decided whether the image got its verdict
 * @param images in the component
 * @param benchmark a benchmark image in the component; empty while there is none
 * @param keeper image_id of the one that is kept; empty while none was decided, and for ever where
 *     there is a benchmark
 * @param keeperIngestedMicros when ingest accepted the keeper, microseconds since 1970
 */
public record ComponentNode(
    String parent,
    boolean decided,
    int images,
    String benchmark,
    String keeper,
    long keeperIngestedMicros) {
  public ComponentNode {
    Objects.requireNonNull(parent, "parent");
    Objects.requireNonNull(benchmark, "benchmark");
    Objects.requireNonNull(keeper, "keeper");
    if (images < 1) {
      throw new IllegalArgumentException("a component of %d images; at least 1".formatted(images));
    }
  }

  static ComponentNode alone(String imageId) {
    return new ComponentNode(imageId, false, 1, "", "", 0);
  }

  boolean hasBenchmark() {
    return !benchmark.isEmpty();
  }

  boolean hasKeeper() {
    return !keeper.isEmpty();
  }

  /** Whether this keeper stays when both components had one. */
  boolean keeperPrecedes(ComponentNode other) {
    return keeperIngestedMicros != other.keeperIngestedMicros
        ? keeperIngestedMicros < other.keeperIngestedMicros
        : keeper.compareTo(other.keeper) < 0;
  }

  ComponentNode withParent(String above) {
    return new ComponentNode(above, decided, images, benchmark, keeper, keeperIngestedMicros);
  }

  ComponentNode asDecided() {
    return new ComponentNode(parent, true, images, benchmark, keeper, keeperIngestedMicros);
  }

  ComponentNode withKeeper(String imageId, long ingestedMicros) {
    return new ComponentNode(parent, decided, images, benchmark, imageId, ingestedMicros);
  }

  /** The root of this component and {@code other}, with the keeper of {@code kept}. */
  ComponentNode joinedBy(ComponentNode other, ComponentNode kept) {
    return new ComponentNode(
        parent, decided, images + other.images, benchmark, kept.keeper, kept.keeperIngestedMicros);
  }

  /** The root of a component that holds a benchmark and so keeps nothing. */
  ComponentNode contaminatedBy(String name) {
    return new ComponentNode(parent, decided, images, name, "", 0);
  }
}
