package io.freshet.vision.embed;

import io.freshet.vision.image.RgbImage;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * What one image costs, preprocessing included; medians over the repeats.
 *
 * @param cpuMillisPerImage processor time of the calling thread: the cost of a model that runs on
 *     one thread, whatever else the machine does
 * @param wallMillisPerImage elapsed time
 * @param batch images a call
 */
public record EmbeddingCost(double cpuMillisPerImage, double wallMillisPerImage, int batch) {

  private static final int REPEATS = 5;

  /** Measures with noise images of {@code width} by {@code height}; takes six calls. */
  public static EmbeddingCost measure(ImageEmbedder embedder, int batch, int width, int height) {
    byte[] rgb = new byte[RgbImage.sizeOf(width, height)];
    new Random(1).nextBytes(rgb);
    List<RgbImage> images = Collections.nCopies(batch, new RgbImage(width, height, rgb));
    embedder.embed(images);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double[] cpu = new double[REPEATS];
    double[] wall = new double[REPEATS];
    for (int i = 0; i < REPEATS; i++) {
      long cpuStart = threads.getCurrentThreadCpuTime();
      long wallStart = System.nanoTime();
      embedder.embed(images);
      wall[i] = (System.nanoTime() - wallStart) / 1e6 / batch;
      cpu[i] = (threads.getCurrentThreadCpuTime() - cpuStart) / 1e6 / batch;
    }
    return new EmbeddingCost(median(cpu), median(wall), batch);
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
