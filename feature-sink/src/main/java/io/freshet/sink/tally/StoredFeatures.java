package io.freshet.sink.tally;

import io.freshet.schemas.Vector;
import io.freshet.schemas.Vectors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * The newest features, to search in: exact, one space at a time, within a bound of memory; the
 * oldest go first. Vectors of two spaces never meet.
 *
 * <p>Thread-safe.
 */
public final class StoredFeatures {
  /** What an entry costs beside its numbers, about. */
  private static final int ENTRY_BYTES = 220;

  private final long maxBytes;
  private final Map<Key, float[]> vectors = new LinkedHashMap<>();
  private final Map<String, Integer> counts = new TreeMap<>();
  private long bytes;

  private record Key(String imageId, String spaceId) {}

  /**
   * A neighbour.
   *
   * @param cosine -1..1
   */
  public record Match(String imageId, double cosine) {}

  public StoredFeatures(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Keeps a feature, in place of what the image had in its space. */
  public synchronized void put(String imageId, Vector feature) {
    erase(imageId, feature.getSpaceId());
    float[] vector = unit(Vectors.toFloats(feature));
    vectors.put(new Key(imageId, feature.getSpaceId()), vector);
    counts.merge(feature.getSpaceId(), 1, Integer::sum);
    bytes += size(vector);
    Iterator<Map.Entry<Key, float[]>> eldest = vectors.entrySet().iterator();
    while (bytes > maxBytes && eldest.hasNext()) {
      Map.Entry<Key, float[]> dropped = eldest.next();
      eldest.remove();
      forget(dropped.getKey(), dropped.getValue());
    }
  }

  public synchronized void erase(String imageId, String spaceId) {
    Key key = new Key(imageId, spaceId);
    float[] held = vectors.remove(key);
    if (held != null) {
      forget(key, held);
    }
  }

  private void forget(Key key, float[] vector) {
    bytes -= size(vector);
    counts.computeIfPresent(key.spaceId(), (space, count) -> count == 1 ? null : count - 1);
  }

  /** Features that are held of each space. */
  public synchronized Map<String, Integer> spaces() {
    return Map.copyOf(counts);
  }

  /** The feature of an image, if it is held in the space. */
  public synchronized Optional<float[]> vector(String imageId, String spaceId) {
    return Optional.ofNullable(vectors.get(new Key(imageId, spaceId))).map(float[]::clone);
  }

  /**
   * The nearest first, at most {@code count}.
   *
   * @param query of the space; any length but 0
   */
  public synchronized List<Match> nearest(String spaceId, float[] query, int count) {
    float[] direction = unit(query.clone());
    PriorityQueue<Match> best = new PriorityQueue<>(Comparator.comparingDouble(Match::cosine));
    vectors.forEach(
        (key, vector) -> {
          if (key.spaceId().equals(spaceId)) {
            best.add(new Match(key.imageId(), dot(direction, vector)));
            if (best.size() > count) {
              best.remove();
            }
          }
        });
    List<Match> matches = new ArrayList<>(best);
    matches.sort(Comparator.comparingDouble(Match::cosine).reversed());
    return matches;
  }

  private static double dot(float[] a, float[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(
          "a query of %d numbers in a space of %d".formatted(a.length, b.length));
    }
    float sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static float[] unit(float[] vector) {
    double squares = 0;
    for (float v : vector) {
      squares += (double) v * v;
    }
    double norm = Math.max(Math.sqrt(squares), 1e-12);
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) (vector[i] / norm);
    }
    return vector;
  }

  private static long size(float[] vector) {
    return ENTRY_BYTES + (long) vector.length * Float.BYTES;
  }
}
