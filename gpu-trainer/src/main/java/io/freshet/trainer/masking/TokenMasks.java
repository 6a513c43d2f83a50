package io.freshet.trainer.masking;

import java.util.Arrays;

/**
 * The masks of a batch's global crops and what the iBOT loss derives from them. Immutable by
 * convention: its arrays are handed out without a copy and must not be written.
 */
public final class TokenMasks {

  private final int crops;
  private final int patches;
  private final boolean[] masked;
  private final long[] indices;
  private final float[] weights;

  private TokenMasks(int crops, int patches, boolean[] masked, long[] indices, float[] weights) {
    this.crops = crops;
    this.patches = patches;
    this.masked = masked;
    this.indices = indices;
    this.weights = weights;
  }

  /** Derives the indices and weights of one mask a crop; all must have the same length. */
  public static TokenMasks of(boolean[][] masks) {
    int patches = masks.length == 0 ? 0 : masks[0].length;
    boolean[] flat = new boolean[masks.length * patches];
    long[] indices = new long[flat.length];
    float[] weights = new float[flat.length];
    int found = 0;
    for (int crop = 0; crop < masks.length; crop++) {
      if (masks[crop].length != patches) {
        throw new IllegalArgumentException(
            "mask " + crop + " has " + masks[crop].length + " patches, the first has " + patches);
      }
      int first = found;
      for (int patch = 0; patch < patches; patch++) {
        if (masks[crop][patch]) {
          flat[crop * patches + patch] = true;
          indices[found++] = (long) crop * patches + patch;
        }
      }
      Arrays.fill(weights, first, found, 1f / Math.max(1, found - first));
    }
    return new TokenMasks(
        masks.length, patches, flat, Arrays.copyOf(indices, found), Arrays.copyOf(weights, found));
  }

  /** Every patch takes part in the loss, as when a student learns from a frozen teacher. */
  public static TokenMasks all(int crops, int patches) {
    boolean[][] masks = new boolean[crops][patches];
    for (boolean[] mask : masks) {
      Arrays.fill(mask, true);
    }
    return of(masks);
  }

  /** Global crops in the batch (2B). */
  public int crops() {
    return crops;
  }

  /** Patches of a crop (N). */
  public int patches() {
    return patches;
  }

  /** (2B, N) row-major; true = the patch is guessed. */
  public boolean[] masked() {
    return masked;
  }

  /** Where {@link #masked} is true, ascending. */
  public long[] indices() {
    return indices;
  }

  /** For each index 1 / (masked patches of its crop): every masked crop weighs the same. */
  public float[] weights() {
    return weights;
  }
}
