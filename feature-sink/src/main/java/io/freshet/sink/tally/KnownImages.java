package io.freshet.sink.tally;

import io.freshet.schemas.BlobRef;
import io.freshet.sink.tally.WallImage.Source;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the pixels of images lie and where they were found, of the newest {@value #LIMIT}. What was
 * revoked is unknown from then on. Owned by one thread.
 */
final class KnownImages {
  static final int LIMIT = 100_000;

  private final Map<String, Known> known = new LinkedHashMap<>();
  private final Set<String> revoked = new LinkedHashSet<>();

  /**
   * @param decidedAt when dedup found it unique; null for seeds and duplicates
   */
  record Known(BlobRef blob, Source source, Instant decidedAt) {}

  void put(String imageId, Known image) {
    if (revoked.contains(imageId) || revoked.contains(image.source().url())) {
      return;
    }
    known.put(imageId, image);
    bound(known.keySet());
  }

  void putIfAbsent(String imageId, Known image) {
    if (!known.containsKey(imageId)) {
      put(imageId, image);
    }
  }

  Optional<Known> get(String imageId) {
    return Optional.ofNullable(known.get(imageId));
  }

  /**
   * @param target an image id or the URL where an image was found
   */
  void revoke(String target) {
    revoked.add(target);
    bound(revoked);
    List<String> gone =
        known.entrySet().stream()
            .filter(
                image ->
                    image.getKey().equals(target) || target.equals(image.getValue().source().url()))
            .map(Map.Entry::getKey)
            .toList();
    known.keySet().removeAll(gone);
    revoked.addAll(gone);
  }

  private static void bound(Collection<String> insertionOrdered) {
    if (insertionOrdered.size() > LIMIT) {
      insertionOrdered.remove(insertionOrdered.iterator().next());
    }
  }
}
