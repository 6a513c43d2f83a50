package io.freshet.trainer.step;

import java.io.Serializable;

/**
 * Config section {@code trainer.recipe.crops}: two global and several local crops of each image.
 *
 * @param globalSize side in pixels, a multiple of the patch size
 * @param globalMinScale least share of the image's area in a global crop
 * @param globalMaxScale greatest share
 * @param localCount local crops of an image (V), 0 or more
 * @param localSize side in pixels, a multiple of the patch size
 * @param localMinScale least share of the image's area in a local crop
 * @param localMaxScale greatest share
 */
public record CropsConfig(
    int globalSize,
    double globalMinScale,
    double globalMaxScale,
    int localCount,
    int localSize,
    double localMinScale,
    double localMaxScale)
    implements Serializable {

  public CropsConfig {
    if (globalSize < 1 || localSize < 1 || localCount < 0) {
      throw new IllegalArgumentException(
          "crops need sides of at least 1 px and no negative count, not global_size %d, local_size %d, local_count %d"
              .formatted(globalSize, localSize, localCount));
    }
    requireScales("global", globalMinScale, globalMaxScale);
    requireScales("local", localMinScale, localMaxScale);
  }

  /** The same views at other sizes, in pixels. */
  public CropsConfig withSizes(int newGlobalSize, int newLocalSize) {
    return new CropsConfig(
        newGlobalSize,
        globalMinScale,
        globalMaxScale,
        localCount,
        newLocalSize,
        localMinScale,
        localMaxScale);
  }

  private static void requireScales(String which, double min, double max) {
    if (!(min > 0 && min <= max && max <= 1)) {
      throw new IllegalArgumentException(
          "crops.%s_min_scale and %s_max_scale must satisfy 0 < min <= max <= 1, not %s and %s"
              .formatted(which, which, min, max));
    }
  }
}
