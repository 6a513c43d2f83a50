package io.freshet.trainer.data;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Images that made a step not finite and stay out of every later batch, also when they are
 * delivered again and after a restart.
 *
 * <p>It remembers the newest {@value #MAX_IMAGES} (about 1 MiB in a checkpoint); an older one that
 * is delivered again may come back, and is caught again. Not thread-safe.
 */
final class Quarantine {
  static final int MAX_IMAGES = 16_384;

  private final Set<String> imageIds = new LinkedHashSet<>();

  void add(Collection<String> ids) {
    for (String id : ids) {
      imageIds.remove(id);
      imageIds.add(id);
    }
    while (imageIds.size() > MAX_IMAGES) {
      imageIds.remove(imageIds.iterator().next());
    }
  }

  boolean contains(String imageId) {
    return imageIds.contains(imageId);
  }

  int size() {
    return imageIds.size();
  }

  /** Oldest first. */
  List<String> imageIds() {
    return List.copyOf(imageIds);
  }
}
