package io.freshet.curator.retrieval;

import java.util.List;

/** Every pair by {@link DotProduct}. Thread-safe. */
final class PairwiseProducts implements PairProducts {
  @Override
  public float error() {
    return 0;
  }

  @Override
  public Images with(List<float[]> images) {
    return new Images() {
      @Override
      public float[] times(List<float[]> seeds) {
        float[] products = new float[Math.multiplyExact(seeds.size(), images.size())];
        int at = 0;
        for (float[] seed : seeds) {
          for (float[] image : images) {
            products[at++] = DotProduct.of(seed, image);
          }
        }
        return products;
      }

      @Override
      public void close() {}
    };
  }
}
