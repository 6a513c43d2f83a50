package io.freshet.sink.tally;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The newest images of one verdict, each with a number that counts from 1. Owned by one thread, or
 * guarded by its owner.
 */
final class Wall {
  private final WallImage[] ring;
  private long added;

  Wall(int capacity) {
    ring = new WallImage[capacity];
  }

  void add(WallImage image) {
    ring[(int) (added++ % ring.length)] = image;
  }

  /** Takes images away; the others keep their numbers. */
  void remove(Predicate<WallImage> gone) {
    for (int slot = 0; slot < ring.length; slot++) {
      if (ring[slot] != null && gone.test(ring[slot])) {
        ring[slot] = null;
      }
    }
  }

  /** Number of the newest image, 0 when there is none. */
  long newest() {
    return added;
  }

  /**
   * A part of the wall as it was when {@code upTo} was its newest image, so that pages fit together
   * while images arrive.
   *
   * @param images newest first
   * @param total images of the wall that match; those are counted of which images may be asked for
   * @param facets images of each facet, whichever facet was asked for
   */
  record Part(List<WallImage> images, int total, Map<String, Integer> facets) {}

  Part part(long upTo, int skip, int limit, WallFilter filter) {
    List<WallImage> images = new ArrayList<>();
    Map<String, Integer> facets = new TreeMap<>();
    int total = 0;
    long oldest = Math.max(0, added - ring.length);
    for (long number = Math.min(upTo, added) - 1; number >= oldest; number--) {
      WallImage image = ring[(int) (number % ring.length)];
      if (image == null || !filter.isOfQuery(image)) {
        continue;
      }
      image.facet().ifPresent(name -> facets.merge(name, 1, Integer::sum));
      if (filter.takes(image)) {
        if (total >= skip && images.size() < limit) {
          images.add(image);
        }
        total++;
      }
    }
    return new Part(images, total, facets);
  }
}
