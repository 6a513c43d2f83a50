package io.freshet.dedup.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.junit.jupiter.api.function.Executable;

/** Processor time, which other processes on a shared machine do not stretch. */
public final class CpuTime {
  private CpuTime() {}

  /** Prints how many images a step takes in a second of this thread; fails below the limit. */
  public static void assertImagesPerSecond(String step, double above, int images, Executable work)
      throws Throwable {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    work.execute();
    double perSecond = images / ((threads.getCurrentThreadCpuTime() - start) / 1e9);
    System.out.printf("%s: %.0f images per CPU second%n", step, perSecond);
    assertTrue(perSecond > above, "%.0f images per CPU second".formatted(perSecond));
  }
}
