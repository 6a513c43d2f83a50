package io.freshet.trainer.evaluate.model;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The blocks after which a vision transformer's tokens are taken.
 *
 * @param indices from 0, ascending, at least one
 * @param normed whether the final layer norm is applied to each of them
 */
public record TokenBlocks(List<Integer> indices, boolean normed) {
  /** What probes of several blocks take side by side. */
  public static final int SEVERAL = 4;

  private static final int LARGE_DEPTH = 24;
  private static final List<Integer> LARGE_EVENLY = List.of(4, 11, 17, 23);

  public TokenBlocks {
    indices = List.copyOf(indices);
    List<Integer> given = indices;
    boolean ascend =
        IntStream.range(1, given.size()).allMatch(i -> given.get(i) > given.get(i - 1));
    if (given.isEmpty() || given.get(0) < 0 || !ascend) {
      throw new IllegalArgumentException("blocks " + indices + "; they must ascend from 0 or more");
    }
  }

  /**
   * The last blocks, normed, as DINOv2's linear classifiers and segmentation heads see them.
   *
   * @param count 1 to {@code depth}
   */
  public static TokenBlocks last(int count, int depth) {
    return new TokenBlocks(IntStream.range(depth - count, depth).boxed().toList(), true);
  }

  /**
   * Four blocks (or all, if there are fewer) in equal steps, the last one among them, without the
   * norm: what DINOv2's depth heads see. Of 24 blocks these are the original's 5th, 12th, 18th and
   * 24th (dinov2/hub/depthers.py).
   */
  public static TokenBlocks evenly(int depth) {
    int count = Math.min(SEVERAL, depth);
    return new TokenBlocks(
        depth == LARGE_DEPTH
            ? LARGE_EVENLY
            : IntStream.rangeClosed(1, count).mapToObj(i -> depth * i / count - 1).toList(),
        false);
  }
}
