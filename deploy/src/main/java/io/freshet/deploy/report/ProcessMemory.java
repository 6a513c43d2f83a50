package io.freshet.deploy.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel says about this process. */
public final class ProcessMemory {
  private static final String PEAK = "VmHWM:";

  private ProcessMemory() {}

  /** Highest resident set so far in MB (10^6 bytes), native memory included; 0 where unknown. */
  public static long peakResidentMegabytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith(PEAK)) {
          long kibibytes = Long.parseLong(line.replaceAll("[^0-9]", ""));
          return kibibytes * 1024 / 1_000_000;
        }
      }
    } catch (IOException e) {
      return 0; // Not Linux.
    }
    return 0;
  }
}
