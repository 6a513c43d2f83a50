package io.freshet.trainer.evaluate.probe;

import java.util.List;

/**
 * What a linear classifier sees: the class tokens of the last blocks one after the other, and after
 * them the mean patch token of the last block if {@code meanPatch}. All tokens are normed.
 *
 * @param blocks class tokens, at least 1
 */
public record ProbeInput(int blocks, boolean meanPatch) {
  /** The inputs that DINOv2's linear evaluation tries. */
  private static final List<ProbeInput> ALL =
      List.of(
          new ProbeInput(1, false),
          new ProbeInput(1, true),
          new ProbeInput(4, false),
          new ProbeInput(4, true));

  /** The most blocks that one of them sees. */
  public static final int MOST_BLOCKS = 4;

  public ProbeInput {
    if (blocks < 1) {
      throw new IllegalArgumentException("a probe sees at least 1 block, not " + blocks);
    }
  }

  /** The inputs that DINOv2's linear evaluation tries, of a model of {@code depth} blocks. */
  public static List<ProbeInput> of(int depth) {
    return ALL.stream().filter(input -> input.blocks() <= depth).toList();
  }

  /**
   * All that inputs are cut from: the class tokens of some last blocks, the last one's last, then
   * the mean patch token, so that each input is a range of it.
   *
   * @param cls class token of each block, the last block's last
   * @param meanPatch of the last block
   */
  public static float[] layout(List<float[]> cls, float[] meanPatch) {
    int dim = meanPatch.length;
    float[] all = new float[(cls.size() + 1) * dim];
    for (int block = 0; block < cls.size(); block++) {
      System.arraycopy(cls.get(block), 0, all, block * dim, dim);
    }
    System.arraycopy(meanPatch, 0, all, cls.size() * dim, dim);
    return all;
  }

  /** The mean of patch tokens, given row after row. */
  public static float[] mean(float[] patches, int dim) {
    double[] sum = new double[dim];
    for (int i = 0; i < patches.length; i++) {
      sum[i % dim] += patches[i];
    }
    float[] mean = new float[dim];
    for (int i = 0; i < dim; i++) {
      mean[i] = (float) (sum[i] * dim / patches.length);
    }
    return mean;
  }

  /**
   * Where it is within a {@link #layout}.
   *
   * @param kept class tokens in the layout, at least {@code blocks}
   * @param dim numbers of a token
   */
  public FeatureRange range(int kept, int dim) {
    return new FeatureRange(
        toString(), (kept - blocks) * dim, (blocks + (meanPatch ? 1 : 0)) * dim);
  }

  @Override
  public String toString() {
    return (blocks == 1 ? "last block" : "last " + blocks + " blocks")
        + (meanPatch ? ", mean patch" : "");
  }
}
