package io.freshet.trainer.evaluate.dense;

import io.freshet.trainer.evaluate.model.PatchTokens;

/**
 * What a head learns from, of one image.
 *
 * @param map the map's samples under the pixels of the prepared image, row by row
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record DenseSample(PatchTokens tokens, int[] map) {
  /** Pixels of a side of the map, a square. */
  int side() {
    return (int) Math.round(Math.sqrt(map.length));
  }
}
