package io.freshet.dedup.state;

import java.util.Optional;

/**
 * A durable map that a state machine reads and writes; one thread. In the job it is keyed state on
 * disk, in tests a map. Arrays that it returns belong to the table: callers copy before they
 * change.
 */
public interface Table<K, V> {
  Optional<V> get(K key);

  void put(K key, V value);

  void remove(K key);
}
