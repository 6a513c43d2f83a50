package io.freshet.deploy.demo;

/**
 * Section {@code demo}.
 *
 * @param imagesPerSecond how fast the crawler links images
 * @param shareDrawings of the pictures, while there are drawings left
 * @param shareCopies of all links
 * @param shareDefects of all links
 * @param seedsPerClass labelled seeds of each photograph and each category of drawings
 * @param sitePort port of the web site on loopback; crawled pages name it, so it must stay the same
 * @param seed the sequence of images, the same for the same number
 */
public record DemoConfig(
    double imagesPerSecond,
    double shareDrawings,
    double shareCopies,
    double shareDefects,
    int seedsPerClass,
    int sitePort,
    long seed) {
  public DemoConfig {
    if (!(imagesPerSecond > 0)) {
      throw new IllegalArgumentException(
          "images_per_second must be above 0, not " + imagesPerSecond);
    }
    if (seedsPerClass < 1 || seedsPerClass > 40) {
      throw new IllegalArgumentException("seeds_per_class must be 1..40, not " + seedsPerClass);
    }
  }

  CrawlPlan.Mix mix() {
    return new CrawlPlan.Mix(shareDrawings, shareCopies, shareDefects);
  }
}
