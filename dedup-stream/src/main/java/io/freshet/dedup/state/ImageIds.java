package io.freshet.dedup.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Numbers images from 0 up, so that indexes can name them in four bytes, and forgets the oldest.
 * Owner: one thread.
 */
public final class ImageIds {
  private static final int NEXT_KEY = -1;
  private static final int OLDEST_KEY = -2;
  private static final int LASTING_KEY = -3;
  private static final char SEPARATOR = ' ';

  private final Table<Integer, String> table;
  private final Retention retention;

  /**
   * @param table where the ids lie; nothing else may use it
   */
  public ImageIds(Table<Integer, String> table, Retention retention) {
    this.table = table;
    this.retention = retention;
  }

  /**
   * Numbers an image.
   *
   * @param ingestedMicros when ingest accepted it, microseconds since 1970
   * @return the ordinal of the image: 0 for the first, then counting up
   */
  public int add(String imageId, long ingestedMicros) {
    int ordinal = size();
    table.put(ordinal, Long.toString(ingestedMicros) + SEPARATOR + imageId);
    table.put(NEXT_KEY, Integer.toString(ordinal + 1));
    return ordinal;
  }

  /**
   * Forgets what is too old or too much beside the image that was numbered last.
   *
   * @param ingestedMicros that image's
   * @return the forgotten ones, the oldest first: a few at most
   */
  public List<String> forget(long ingestedMicros) {
    int before = oldest();
    int oldest =
        retention.oldestAfter(before, size() - 1, known -> ingestedMicros - ingestedMicros(known));
    List<String> forgotten = new ArrayList<>();
    for (int ordinal = before; ordinal < oldest; ordinal++) {
      forgotten.add(get(ordinal).orElseThrow());
      table.remove(ordinal);
    }
    if (oldest > before) {
      table.put(OLDEST_KEY, Integer.toString(oldest));
    }
    return forgotten;
  }

  /**
   * Numbers an image that is never forgotten.
   *
   * @return its ordinal, below 0
   */
  public int addLasting(String imageId) {
    int lasting = number(LASTING_KEY);
    int ordinal = LASTING_KEY - 1 - lasting;
    table.put(ordinal, SEPARATOR + imageId);
    table.put(LASTING_KEY, Integer.toString(lasting + 1));
    return ordinal;
  }

  /** The image of an ordinal, unless it was forgotten. */
  public Optional<String> get(int ordinal) {
    return table.get(ordinal).map(entry -> entry.substring(entry.indexOf(SEPARATOR) + 1));
  }

  /** How many were numbered that can be forgotten, whether or not they are still known. */
  public int size() {
    return number(NEXT_KEY);
  }

  /** The least ordinal that is still known, or {@link #size} where none is. */
  public int oldest() {
    return number(OLDEST_KEY);
  }

  private long ingestedMicros(int ordinal) {
    String entry = table.get(ordinal).orElseThrow();
    return Long.parseLong(entry.substring(0, entry.indexOf(SEPARATOR)));
  }

  private int number(int key) {
    return table.get(key).map(Integer::parseInt).orElse(0);
  }
}
