package io.freshet.dedup.hash;

import java.util.Random;

/** Codes at known distances. */
public final class Codes {
  private Codes() {}

  public static BitCode random(Random random) {
    return new BitCode(
        new long[] {random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()});
  }

  /** Differs in {@code bits} places chosen at random. */
  public static BitCode flipAnywhere(BitCode code, int bits, Random random) {
    int[] order = new int[BitCode.BITS];
    for (int i = 0; i < order.length; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    long[] words = code.words().clone();
    for (int i = 0; i < bits; i++) {
      words[order[i] >> 6] ^= 1L << (order[i] & 63);
    }
    return new BitCode(words);
  }

  /** Differs in {@code bits} places spread evenly over the rows: the worst case of the index. */
  public static BitCode flipEvenly(BitCode code, int bits, Random random) {
    int start = random.nextInt(16);
    int column = random.nextInt(16);
    long[] words = code.words().clone();
    for (int i = 0; i < bits; i++) {
      int row = (start + i) % 16;
      int bit = row * 16 + (column + i / 16) % 16;
      words[bit >> 6] ^= 1L << (63 - (bit & 63));
    }
    return new BitCode(words);
  }
}
