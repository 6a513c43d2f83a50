package io.freshet.dedup.state;

/** Numbers images from 0 up, so that indexes can name them in four bytes. Owner: one thread. */
public final class ImageIds {
  private static final int COUNT_KEY = -1;

  private final Table<Integer, String> table;

  /**
   * @param table where the ids lie; nothing else may use it
   */
  public ImageIds(Table<Integer, String> table) {
    this.table = table;
  }

  /**
   * @return the ordinal of the image: 0 for the first, then counting up
   */
  public int add(String imageId) {
    int ordinal = size();
    table.put(ordinal, imageId);
    table.put(COUNT_KEY, Integer.toString(ordinal + 1));
    return ordinal;
  }

  public String get(int ordinal) {
    return table.get(ordinal).orElseThrow();
  }

  public int size() {
    return table.get(COUNT_KEY).map(Integer::parseInt).orElse(0);
  }
}
