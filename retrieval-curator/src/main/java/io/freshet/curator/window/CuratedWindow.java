package io.freshet.curator.window;

import java.util.List;

/**
 * What was taken from a window.
 *
 * @param choices each image at most once, in the order in which they were taken
 * @param passed the other images, by id
 * @param funnels one a dataset that has seeds, by name
 * @param clusterSizes images of each cluster, the largest first; empty without cluster retrieval
 */
public record CuratedWindow(
    List<Choice> choices, List<Pass> passed, List<Funnel> funnels, List<Integer> clusterSizes) {
  /**
   * How many images of the window came how far with a dataset.
   *
   * @param seeds its seeds
   * @param near images of the window that are near enough to any of them
   * @param sampled images that its seeds took
   * @param clustered images taken from clusters that hold its seeds
   */
  public record Funnel(String dataset, int seeds, int near, int sampled, int clustered) {}
}
