package io.freshet.curator.cluster;

/** Shares that are as even as the supply allows: who has less than its share gives all it has. */
public final class EvenShares {
  private EvenShares() {}

  /**
   * The result of giving one after the other, in order of index and round after round, to everybody
   * who has any left.
   *
   * @param total how many to share out; what exceeds the supply is left
   * @param supply most for each
   */
  public static int[] of(int total, int[] supply) {
    int[] shares = new int[supply.length];
    long available = 0;
    int most = 0;
    for (int size : supply) {
      available += size;
      most = Math.max(most, size);
    }
    long target = Math.min(total, available);
    int low = 0;
    int high = most;
    while (low < high) { // The most whole rounds that don't exceed the target.
      int middle = low + (high - low + 1) / 2;
      if (given(supply, middle) <= target) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    long left = target - given(supply, low);
    for (int i = 0; i < supply.length; i++) {
      shares[i] = Math.min(supply[i], low);
      if (left > 0 && supply[i] > low) {
        shares[i]++;
        left--;
      }
    }
    return shares;
  }

  private static long given(int[] supply, int rounds) {
    long sum = 0;
    for (int size : supply) {
      sum += Math.min(size, rounds);
    }
    return sum;
  }
}
