package io.freshet.sink.tally;

import io.freshet.schemas.BlobRef;
import io.freshet.sink.tally.WallImage.Source;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

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

  /**
   * @return whether it is known now; if not, it was revoked before, by its id or its URL
   */
  boolean put(String imageId, Known image) {
    if (revoked.contains(imageId) || revoked.contains(image.source().url())) {
      return false;
    }
    known.put(imageId, image);
    bound(known.keySet());
    return true;
  }

  /** As {@link #put}, without replacing what is known. */
  boolean putIfAbsent(String imageId, Known image) {
    return known.containsKey(imageId) || put(imageId, image);
  }

  /**
   * @param target an image id or the URL where an image was found
   */
  boolean isRevoked(String target) {
    return revoked.contains(target);
  }

  Optional<Known> get(String imageId) {
    return Optional.ofNullable(known.get(imageId));
  }

  /**
   * @param target an image id or the URL where an image was found
   * @return the images that were known and are no longer
   */
  Map<String, Known> revoke(String target) {
    Map<String, Known> gone =
        known.entrySet().stream()
            .filter(
                image ->
                    image.getKey().equals(target) || target.equals(image.getValue().source().url()))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    known.keySet().removeAll(gone.keySet());
    revoked.add(target);
    revoked.addAll(gone.keySet());
    bound(revoked);
    return gone;
  }

  private static void bound(Set<String> insertionOrdered) {
    Iterator<String> eldest = insertionOrdered.iterator();
    for (int over = insertionOrdered.size() - LIMIT; over > 0; over--) {
      eldest.next();
      eldest.remove();
    }
  }
}
