package io.freshet.trainer.masking;

import java.util.random.RandomGenerator;

/**
 * Draws masks made of rectangular blocks over a grid of patches, as BEiT, iBOT and DINOv2 do.
 *
 * <p>A block has an area between {@value #MIN_BLOCK_PATCHES} patches and what is still missing (at
 * most half the grid) and an aspect ratio log-uniform in (0.3, 1/0.3). A mask never exceeds its
 * target; it stays below it when ten tries in a row find no block that fits, which happens in 2 to
 * 10 % of the masks, and more often on grids of 4 x 4 and smaller. Immutable; safe to share.
 */
public final class BlockMasking {

  private static final int MIN_BLOCK_PATCHES = 4;
  private static final int TRIES_PER_BLOCK = 10;
  private static final double LOG_MIN_ASPECT = Math.log(0.3);
  private static final double LOG_MAX_ASPECT = Math.log(1 / 0.3);

  private final int rows;
  private final int columns;
  private final int maxBlockPatches;

  public BlockMasking(int rows, int columns) {
    if (rows < 1 || columns < 1) {
      throw new IllegalArgumentException(
          "a grid of patches needs at least one row and one column, not " + rows + " x " + columns);
    }
    this.rows = rows;
    this.columns = columns;
    this.maxBlockPatches = rows / 2 * columns;
  }

  public int patches() {
    return rows * columns;
  }

  /** A mask of at most {@code target} patches, row-major; true = hidden from the student. */
  public boolean[] draw(int target, RandomGenerator random) {
    boolean[] mask = new boolean[patches()];
    int masked = 0;
    while (masked < target) {
      int added = addBlock(mask, Math.min(target - masked, maxBlockPatches), random);
      if (added == 0) {
        break;
      }
      masked += added;
    }
    return mask;
  }

  private int addBlock(boolean[] mask, int budget, RandomGenerator random) {
    for (int attempt = 0; attempt < TRIES_PER_BLOCK; attempt++) {
      // With a budget below the minimum the bounds are reversed, which the reference allows too.
      double area = between(MIN_BLOCK_PATCHES, budget, random);
      double aspect = Math.exp(between(LOG_MIN_ASPECT, LOG_MAX_ASPECT, random));
      int height = (int) Math.rint(Math.sqrt(area * aspect));
      int width = (int) Math.rint(Math.sqrt(area / aspect));
      if (width >= columns || height >= rows) {
        continue;
      }
      int top = random.nextInt(rows - height + 1);
      int left = random.nextInt(columns - width + 1);
      int fresh = height * width - count(mask, top, left, height, width);
      if (fresh > 0 && fresh <= budget) {
        fill(mask, top, left, height, width);
        return fresh;
      }
    }
    return 0;
  }

  private static double between(double from, double to, RandomGenerator random) {
    return from + (to - from) * random.nextDouble();
  }

  private int count(boolean[] mask, int top, int left, int height, int width) {
    int count = 0;
    for (int row = top; row < top + height; row++) {
      for (int column = left; column < left + width; column++) {
        count += mask[row * columns + column] ? 1 : 0;
      }
    }
    return count;
  }

  private void fill(boolean[] mask, int top, int left, int height, int width) {
    for (int row = top; row < top + height; row++) {
      for (int column = left; column < left + width; column++) {
        mask[row * columns + column] = true;
      }
    }
  }
}
