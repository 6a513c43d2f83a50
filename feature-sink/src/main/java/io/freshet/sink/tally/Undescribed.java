package io.freshet.sink.tally;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * How many unique images still have no feature: those that were withdrawn before they got one never
 * will. The topics are read side by side, so a feature or a withdrawal may come before its image.
 * Exact as long as no two events of one image lie more than {@value #LIMIT} images apart. Owned by
 * one thread.
 */
final class Undescribed {
  static final int LIMIT = KnownImages.LIMIT;

  private final Set<String> described = new LinkedHashSet<>();
  private final Set<String> withdrawn = new LinkedHashSet<>();
  private long done;

  /** An image has a feature, in whatever space. */
  void described(String imageId) {
    settle(imageId, described, withdrawn);
  }

  /** A unique image was retracted or revoked. */
  void withdrawn(String imageId) {
    settle(imageId, withdrawn, described);
  }

  private void settle(String imageId, Set<String> mine, Set<String> other) {
    if (other.contains(imageId) || !mine.add(imageId)) {
      return;
    }
    done++;
    if (mine.size() > LIMIT) {
      Iterator<String> eldest = mine.iterator();
      eldest.next();
      eldest.remove();
    }
  }

  /**
   * @param unique images that dedup found unique
   */
  long of(long unique) {
    return Math.max(0, unique - done);
  }
}
