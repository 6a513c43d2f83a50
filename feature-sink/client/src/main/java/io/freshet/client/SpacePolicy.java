package io.freshet.client;

import io.freshet.vision.adapter.SpaceAdapter;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Which space a consumer works in, and what becomes of vectors from others. Vectors of two spaces
 * are never handed out as if they were of one.
 */
public final class SpacePolicy {
  private enum Others {
    SKIP,
    REFUSE
  }

  private final String pinned;
  private final Others others;
  private final Map<String, SpaceAdapter> adapters;

  private SpacePolicy(String pinned, Others others, Map<String, SpaceAdapter> adapters) {
    this.pinned = pinned;
    this.others = others;
    this.adapters = adapters;
  }

  /** Vectors of the pinned space only; others are passed over and counted. */
  public static SpacePolicy only(String pinned) {
    return new SpacePolicy(pinned, Others.SKIP, Map.of());
  }

  /** A vector of another space is an error: {@link SpaceRefusedException}. */
  public static SpacePolicy refusing(String pinned) {
    return new SpacePolicy(pinned, Others.REFUSE, Map.of());
  }

  /**
   * Vectors of the spaces that the adapters come from are brought over; others are passed over and
   * counted. How much is lost on the way is measured in {@link SpaceAdapter#recallAt10}.
   *
   * @throws IllegalArgumentException when an adapter leads elsewhere, or two come from one space
   */
  public static SpacePolicy adapting(String pinned, Collection<SpaceAdapter> adapters) {
    adapters.forEach(
        adapter -> {
          if (!adapter.toSpace().equals(pinned)) {
            throw new IllegalArgumentException(
                "the adapter from %s leads to %s, pinned is %s"
                    .formatted(adapter.fromSpace(), adapter.toSpace(), pinned));
          }
        });
    return new SpacePolicy(
        pinned,
        Others.SKIP,
        adapters.stream().collect(Collectors.toMap(SpaceAdapter::fromSpace, Function.identity())));
  }

  /** {@code model@version/head/normalisation}. */
  public String pinned() {
    return pinned;
  }

  /**
   * The vector in the pinned space; empty when it is to be passed over.
   *
   * @throws SpaceRefusedException when it must not occur at all
   */
  Optional<float[]> bring(String space, float[] vector) {
    if (space.equals(pinned)) {
      return Optional.of(vector);
    }
    SpaceAdapter adapter = adapters.get(space);
    if (adapter != null) {
      return Optional.of(adapter.apply(vector));
    }
    if (others == Others.REFUSE) {
      throw new SpaceRefusedException(space, pinned);
    }
    return Optional.empty();
  }

  /** Whether features of the space are handed out. */
  boolean takes(String space) {
    return space.equals(pinned) || adapters.containsKey(space);
  }
}
