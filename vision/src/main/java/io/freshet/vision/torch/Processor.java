package io.freshet.vision.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which kind the processor is of. MKL takes its fastest kernels on Intel's alone, so elsewhere some
 * products are better left to oneDNN. The choice depends on the machine and on nothing measured, so
 * that a resumed training repeats its numbers.
 */
public enum Processor {
  /** Intel's with matrix units (AMX), which multiply bfloat16 several times as fast as float32. */
  INTEL_AMX,
  INTEL,
  OTHER;

  private static final Logger LOG = LoggerFactory.getLogger(Processor.class);
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final String INTEL_VENDOR = "GenuineIntel";
  private static final String BFLOAT16_UNITS = "amx_bf16";

  /** As Linux names it; {@link #OTHER} where there is no Linux to ask. */
  public static Processor ofThisMachine() {
    try {
      return of(Files.readString(CPU_INFO));
    } catch (NoSuchFileException e) {
      return OTHER;
    } catch (IOException e) {
      LOG.warn("{} can't be read; products are chosen as for a processor not Intel's", CPU_INFO, e);
      return OTHER;
    }
  }

  /**
   * @param cpuInfo the text of {@code /proc/cpuinfo}
   */
  static Processor of(String cpuInfo) {
    List<String> lines = cpuInfo.lines().toList();
    if (lines.stream()
        .noneMatch(line -> line.startsWith("vendor_id") && line.endsWith(INTEL_VENDOR))) {
      return OTHER;
    }
    return lines.stream()
            .filter(line -> line.startsWith("flags"))
            .anyMatch(line -> List.of(line.split("\\s")).contains(BFLOAT16_UNITS))
        ? INTEL_AMX
        : INTEL;
  }
}
