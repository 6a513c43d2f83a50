package io.freshet.dedup.flow;

import io.freshet.dedup.state.Table;
import java.util.Optional;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** A {@link Table} in Flink's keyed state, of the key that the operator is processing. */
public final class KeyedTable<K, V> implements Table<K, V> {
  private final MapState<K, V> state;

  public KeyedTable(MapState<K, V> state) {
    this.state = state;
  }

  /** The table of that name in the function's keyed state; it must not be opened twice. */
  public static <K, V> KeyedTable<K, V> open(
      RuntimeContext context, String name, TypeInformation<K> key, TypeInformation<V> value) {
    return new KeyedTable<>(context.getMapState(new MapStateDescriptor<>(name, key, value)));
  }

  @Override
  public Optional<V> get(K key) {
    try {
      return Optional.ofNullable(state.get(key));
    } catch (Exception e) {
      throw new StateUnavailableException("read", key, e);
    }
  }

  @Override
  public void put(K key, V value) {
    try {
      state.put(key, value);
    } catch (Exception e) {
      throw new StateUnavailableException("write", key, e);
    }
  }

  @Override
  public void remove(K key) {
    try {
      state.remove(key);
    } catch (Exception e) {
      throw new StateUnavailableException("remove", key, e);
    }
  }
}
