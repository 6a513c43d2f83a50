package io.freshet.dedup.candidate;

import io.freshet.dedup.state.Table;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Benchmarks that a shard has yet to compare with the images stored before them: those that came
 * first come first, some cells at a time.
 *
 * <p>Guarantee: an image that was stored before a benchmark and is stored still is compared with
 * it, once or twice. A cell that is divided meanwhile moves entries to a new one only, and those
 * that were founded since a benchmark came are its last to be looked up. What the retention forgets
 * before its turn is not compared. Owner: one thread.
 */
public final class BenchmarkScans {
  private static final int FIRST_KEY = -1;
  private static final int NEXT_KEY = -2;
  private static final int PLACE_KEY = -3;
  private static final int FOUNDED_KEY = -4;

  private final Table<Integer, Scan> scans;
  private final Table<Integer, Integer> numbers;
  private final int cellsAtOnce;

  /**
   * @param visit of a benchmark, naming the cells that there were when it came
   * @param founded how many cells had been founded since by then
   */
  public record Scan(VectorVisit visit, int founded) {}

  /** Some cells that a benchmark is to be looked up in. */
  record Slice(VectorVisit visit, int[] cells) {}

  /**
   * @param scans by number; nothing else may use it
   * @param numbers cells that were founded while there were scans, by number, and what counts both;
   *     nothing else may use it
   * @param cellsAtOnce how many cells a benchmark is looked up in at once
   */
  public BenchmarkScans(
      Table<Integer, Scan> scans, Table<Integer, Integer> numbers, int cellsAtOnce) {
    this.scans = scans;
    this.numbers = numbers;
    this.cellsAtOnce = cellsAtOnce;
  }

  boolean isEmpty() {
    return number(FIRST_KEY) == number(NEXT_KEY);
  }

  void add(VectorVisit visit) {
    int next = number(NEXT_KEY);
    scans.put(next, new Scan(visit, number(FOUNDED_KEY)));
    numbers.put(NEXT_KEY, next + 1);
  }

  /** A cell was founded by the division of another. */
  void founded(int cell) {
    if (!isEmpty()) {
      int founded = number(FOUNDED_KEY);
      numbers.put(founded, cell);
      numbers.put(FOUNDED_KEY, founded + 1);
    }
  }

  /** Takes the next cells of the first benchmark. */
  Optional<Slice> next() {
    if (isEmpty()) {
      return Optional.empty();
    }
    Scan scan = scans.get(number(FIRST_KEY)).orElseThrow();
    int[] named = scan.visit().cells();
    int all = named.length + number(FOUNDED_KEY) - scan.founded();
    int from = number(PLACE_KEY);
    int until = Math.min(all, from + cellsAtOnce);
    int[] cells =
        IntStream.range(from, until)
            .map(i -> i < named.length ? named[i] : number(scan.founded() + i - named.length))
            .toArray();
    if (until < all) {
      numbers.put(PLACE_KEY, until);
    } else {
      end(scan);
    }
    return Optional.of(new Slice(scan.visit(), cells));
  }

  private void end(Scan scan) {
    int first = number(FIRST_KEY);
    scans.remove(first);
    numbers.put(FIRST_KEY, first + 1);
    numbers.put(PLACE_KEY, 0);
    int needed = scans.get(first + 1).map(Scan::founded).orElseGet(() -> number(FOUNDED_KEY));
    IntStream.range(scan.founded(), needed).forEach(numbers::remove);
  }

  private int number(int key) {
    return numbers.get(key).orElse(0);
  }
}
