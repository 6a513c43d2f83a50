package io.freshet.dedup.similarity;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Founders of cells that came of divisions, under the first cell that each descends from. Only
 * those under first cells that are near are compared, so however many there are, a vector meets a
 * few.
 *
 * <p>Memory: outside the heap a byte an element, in pieces of 1,024 founders; on it 16 bytes a
 * founder, and 4 a first cell. Owner: one thread.
 */
final class DividedFounders {
  private static final int PIECE = 1024;
  private static final int NONE = -1;

  private final int dim;
  private final List<ByteBuffer> pieces = new ArrayList<>();
  private final byte[] read;
  private int size;
  private int[] cells = {};

  /** What brings the elements of each to unit length. */
  private float[] scales = {};

  /** The one before it under the same first cell, by place. */
  private int[] before = {};

  /** The newest under a first cell, by the number of that. */
  private int[] newest = {};

  /**
   * @param dim elements of a vector
   */
  DividedFounders(int dim) {
    this.dim = dim;
    this.read = new byte[dim];
  }

  /**
   * @param first the cell without a parent that it descends from
   * @param founder as {@link ByteVector} writes it
   */
  void add(int first, int cell, ByteBuffer founder) {
    if (size == pieces.size() * PIECE) {
      pieces.add(ByteBuffer.allocateDirect(PIECE * dim));
    }
    if (size == cells.length) {
      int capacity = Math.max(PIECE, 2 * size);
      cells = Arrays.copyOf(cells, capacity);
      scales = Arrays.copyOf(scales, capacity);
      before = Arrays.copyOf(before, capacity);
    }
    if (first >= newest.length) {
      int known = newest.length;
      newest = Arrays.copyOf(newest, Math.max(PIECE, 2 * first));
      Arrays.fill(newest, known, newest.length, NONE);
    }
    founder.get(read);
    pieces.get(size / PIECE).put(size % PIECE * dim, read);
    cells[size] = cell;
    scales[size] = ByteVector.scale(read, 0);
    before[size] = newest[first];
    newest[first] = size;
    size++;
  }

  /** All under some first cells, in no order. */
  NearestCells under(int[] firstCells, float[] vector) {
    int count = 0;
    for (int first : firstCells) {
      for (int at = newestUnder(first); at != NONE; at = before[at]) {
        count++;
      }
    }
    int[] found = new int[count];
    float[] cosines = new float[count];
    int i = 0;
    for (int first : firstCells) {
      for (int at = newestUnder(first); at != NONE; at = before[at]) {
        found[i] = cells[at];
        cosines[i] = cosine(at, vector);
        i++;
      }
    }
    return new NearestCells(found, cosines);
  }

  private int newestUnder(int first) {
    return first < newest.length ? newest[first] : NONE;
  }

  private float cosine(int at, float[] vector) {
    pieces.get(at / PIECE).get(at % PIECE * dim, read);
    return ByteVector.dot(read, vector) * scales[at];
  }
}
