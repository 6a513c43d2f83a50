package io.freshet.dedup.testing;

import java.lang.management.ManagementFactory;

/** Processor time, which other processes on a shared machine do not stretch. */
public final class CpuTime {
  private CpuTime() {}

  public static long ofThisThreadNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
