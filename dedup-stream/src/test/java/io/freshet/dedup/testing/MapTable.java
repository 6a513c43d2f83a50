package io.freshet.dedup.testing;

import io.freshet.dedup.state.Table;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A table in memory that can be copied, as a checkpoint copies state. */
public final class MapTable<K, V> implements Table<K, V> {
  private final Map<K, V> entries;

  public MapTable() {
    this(new HashMap<>());
  }

  private MapTable(Map<K, V> entries) {
    this.entries = entries;
  }

  public MapTable<K, V> copy() {
    return new MapTable<>(new HashMap<>(entries));
  }

  public Set<K> keys() {
    return Set.copyOf(entries.keySet());
  }

  public int size() {
    return entries.size();
  }

  @Override
  public Optional<V> get(K key) {
    return Optional.ofNullable(entries.get(key));
  }

  @Override
  public void put(K key, V value) {
    entries.put(key, value);
  }

  @Override
  public void remove(K key) {
    entries.remove(key);
  }
}
