package io.freshet.dedup.state;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Holds what is read from a table and written to it until {@link #flush}, so that within one step
 * each value is read once and written once. Owner: one thread.
 */
public final class Buffered<K, V> implements Table<K, V> {
  private final Table<K, V> table;
  private final Map<K, Optional<V>> values = new HashMap<>();
  private final Set<K> changed = new HashSet<>();

  public Buffered(Table<K, V> table) {
    this.table = table;
  }

  @Override
  public Optional<V> get(K key) {
    return values.computeIfAbsent(key, table::get);
  }

  @Override
  public void put(K key, V value) {
    values.put(key, Optional.of(value));
    changed.add(key);
  }

  @Override
  public void remove(K key) {
    values.put(key, Optional.empty());
    changed.add(key);
  }

  /** Writes what changed, and holds nothing any more. Before each checkpoint. */
  public void flush() {
    for (K key : changed) {
      values.get(key).ifPresentOrElse(value -> table.put(key, value), () -> table.remove(key));
    }
    values.clear();
    changed.clear();
  }
}
