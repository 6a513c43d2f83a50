package io.freshet.dedup.similarity;

/**
 * How vectors are dealt to cells. May change over restarts: cells that are there stay.
 *
 * @param entries vectors that a cell should hold, 16 to 65,536: about what is read of each cell
 *     that is looked up
 * @param cells the most there may be, 1 to 1,048,576, a quarter of them of the first vectors; from
 *     there on they only fill up
 * @param probes the most cells that are looked up, at least 1
 * @param margin cosine by which a founder may lie behind the nearest one for its cell to be looked
 *     up, 0 to 2
 * @param copies cosine from which a vector is no founder in a founder's cell, since it would divide
 *     copies of one image; above 0
 */
public record CellSettings(int entries, int cells, int probes, double margin, double copies) {
  public static final int LEAST_ENTRIES = 16;
  public static final int MOST_ENTRIES = 1 << 16;
  public static final int MOST_CELLS = 1 << 20;

  /** Leaves no cell out. */
  public static final double LARGEST_MARGIN = 2;

  public CellSettings {
    requireRange("entries", entries, LEAST_ENTRIES, MOST_ENTRIES);
    requireRange("cells", cells, 1, MOST_CELLS);
    requireRange("probes", probes, 1, MOST_CELLS);
    if (!(margin >= 0 && margin <= LARGEST_MARGIN)) {
      throw new IllegalArgumentException(
          "margin is %s, must be 0..%s".formatted(margin, LARGEST_MARGIN));
    }
    if (!(copies > 0)) {
      throw new IllegalArgumentException(
          "copies above cosine %s; must be above 0".formatted(copies));
    }
  }

  /** So many of the first vectors found a cell each; the others are left for divisions. */
  int firstCells() {
    return (cells + 3) / 4;
  }

  private static void requireRange(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s are %d, must be %d..%d".formatted(name, value, least, most));
    }
  }
}
