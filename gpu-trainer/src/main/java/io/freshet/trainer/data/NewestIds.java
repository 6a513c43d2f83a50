package io.freshet.trainer.data;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The image ids that were named last, no more than a capacity. Not thread-safe. */
final class NewestIds {
  private final int capacity;
  private final Set<String> imageIds = new LinkedHashSet<>();

  NewestIds(int capacity) {
    this.capacity = capacity;
  }

  void add(Collection<String> ids) {
    for (String id : ids) {
      imageIds.remove(id);
      imageIds.add(id);
    }
    while (imageIds.size() > capacity) {
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
