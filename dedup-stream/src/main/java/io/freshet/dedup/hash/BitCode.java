package io.freshet.dedup.hash;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A code of 256 bits that is compared by Hamming distance. Bit 0 is the most significant bit of the
 * first byte.
 *
 * @param words four longs, big-endian; not changed after construction
 */
public record BitCode(long[] words) {
  public static final int BITS = 256;
  public static final int BYTES = BITS / 8;
  static final int LONGS = BITS / Long.SIZE;

  public BitCode {
    if (words.length != LONGS) {
      throw new IllegalArgumentException(
          "a code has %d longs, not %d".formatted(LONGS, words.length));
    }
  }

  public static BitCode of(byte[] bytes) {
    return read(ByteBuffer.wrap(bytes));
  }

  /** Reads 32 bytes and advances the buffer (big-endian, as buffers are by default). */
  public static BitCode read(ByteBuffer buffer) {
    return new BitCode(
        new long[] {buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong()});
  }

  /** Appends 32 bytes. */
  public void write(ByteBuffer buffer) {
    for (long word : words) {
      buffer.putLong(word);
    }
  }

  /** Number of differing bits, 0..256. */
  public int distance(BitCode other) {
    int distance = 0;
    for (int i = 0; i < LONGS; i++) {
      distance += Long.bitCount(words[i] ^ other.words[i]);
    }
    return distance;
  }

  /** The {@code index}-th of the 16 words of 16 bits, unsigned. */
  int word16(int index) {
    return (int) (words[index >> 2] >>> (48 - 16 * (index & 3))) & 0xffff;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BitCode code && Arrays.equals(words, code.words);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(words);
  }

  @Override
  public String toString() {
    return "%016x%016x%016x%016x".formatted(words[0], words[1], words[2], words[3]);
  }
}
