package io.freshet.dedup.state;

import java.util.Optional;
import java.util.function.LongPredicate;

/** Image ids on disk, in the order in which they came, each with a stamp. Owner: one thread. */
public final class StampedIds {
  private static final long NEXT_KEY = -1;
  private static final long OLDEST_KEY = -2;
  private static final char SEPARATOR = ' ';

  private final Table<Long, String> table;

  /**
   * @param table where they lie; nothing else may use it
   */
  public StampedIds(Table<Long, String> table) {
    this.table = table;
  }

  public record Entry(String imageId, long stamp) {}

  public void add(String imageId, long stamp) {
    long next = number(NEXT_KEY);
    table.put(next, Long.toString(stamp) + SEPARATOR + imageId);
    table.put(NEXT_KEY, Long.toString(next + 1));
  }

  /** Takes the oldest out, if its stamp is one of those that may go. */
  public Optional<Entry> poll(LongPredicate mayGo) {
    long oldest = number(OLDEST_KEY);
    Optional<String> entry = table.get(oldest);
    if (entry.isEmpty()) {
      return Optional.empty();
    }
    int end = entry.get().indexOf(SEPARATOR);
    long stamp = Long.parseLong(entry.get().substring(0, end));
    if (!mayGo.test(stamp)) {
      return Optional.empty();
    }
    table.remove(oldest);
    table.put(OLDEST_KEY, Long.toString(oldest + 1));
    return Optional.of(new Entry(entry.get().substring(end + 1), stamp));
  }

  private long number(long key) {
    return table.get(key).map(Long::parseLong).orElse(0L);
  }
}
