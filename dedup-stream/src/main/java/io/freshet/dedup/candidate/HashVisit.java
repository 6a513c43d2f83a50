package io.freshet.dedup.candidate;

import io.freshet.dedup.hash.BitCode;
import java.util.List;

/**
 * An image asks a pair of rows of the hash index, and is filed there.
 *
 * @param pair 0..7
 * @param codes hashes of its pixels: all are asked and all are stored, so an edge is found
 *     whichever of its ends comes first
 */
public record HashVisit(int pair, Inquiry inquiry, List<BitCode> codes) {}
