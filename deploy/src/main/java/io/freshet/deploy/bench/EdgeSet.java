package io.freshet.deploy.bench;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Pairs of a query and a stored image, by their numbers. Thread-safe. */
final class EdgeSet {
  private record Pair(long query, long stored) {}

  private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();

  void add(long query, long stored) {
    pairs.add(new Pair(query, stored));
  }

  int size() {
    return pairs.size();
  }

  /** The share of {@code exact} that is here, 0..1; 1 where there is nothing to find. */
  double recall(EdgeSet exact) {
    return exact.pairs.isEmpty()
        ? 1
        : (double) exact.pairs.stream().filter(pairs::contains).count() / exact.pairs.size();
  }
}
