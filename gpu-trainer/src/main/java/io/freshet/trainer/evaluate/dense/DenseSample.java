package io.freshet.trainer.evaluate.dense;

import io.freshet.trainer.evaluate.model.PatchTokens;
import java.nio.file.Path;
import java.util.List;

/**
 * What a head learns from, of one image.
 *
 * @param image where it was read from
 * @param blocks its tokens after several blocks, the last one last; at least one, all of one size
 * @param map the map's samples under the pixels of the prepared image, row by row
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record DenseSample(Path image, List<PatchTokens> blocks, int[] map) {
  public DenseSample {
    blocks = List.copyOf(blocks);
    if (blocks.isEmpty()) {
      throw new IllegalArgumentException("no tokens of " + image);
    }
  }

  /** Pixels of a side of the map, a square. */
  int side() {
    return (int) Math.round(Math.sqrt(map.length));
  }
}
