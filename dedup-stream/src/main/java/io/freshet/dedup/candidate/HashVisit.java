package io.freshet.dedup.candidate;

import io.freshet.dedup.hash.BitCode;
import java.util.List;

/**
 * An image asks a pair of rows of the hash index, and is filed there.
 *
 * @param pair 0..7
 * @param upright hash of its pixels, four longs
 * @param mirrored hash of its pixels mirrored left to right, four longs
 */
public record HashVisit(int pair, Inquiry inquiry, long[] upright, long[] mirrored) {
  /** Both are asked and both are stored, so an edge is found whichever of its ends comes first. */
  List<BitCode> codes() {
    return List.of(new BitCode(upright), new BitCode(mirrored));
  }
}
