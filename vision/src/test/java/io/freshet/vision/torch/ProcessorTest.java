package io.freshet.vision.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import org.junit.jupiter.api.Test;

class ProcessorTest {
  @Test
  void theVendorDecides() {
    assertEquals(Processor.INTEL, Processor.of("processor\t: 0\nvendor_id\t: GenuineIntel\n"));
    assertEquals(Processor.OTHER, Processor.of("processor\t: 0\nvendor_id\t: AuthenticAMD\n"));
    assertEquals(Processor.OTHER, Processor.of("processor\t: 0\nBogoMIPS\t: 50.00\n"));
  }

  @Test
  void matrixUnitsAreOneOfTheFlags() {
    String intel = "vendor_id\t: GenuineIntel\nflags\t\t: fpu avx512_bf16 %s amx_tile\n";
    assertEquals(Processor.INTEL_AMX, Processor.of(intel.formatted("amx_bf16")));
    assertEquals(Processor.INTEL, Processor.of(intel.formatted("amx_bf16_not")));
    assertEquals(
        Processor.OTHER,
        Processor.of("vendor_id\t: AuthenticAMD\nflags\t\t: fpu amx_bf16 amx_tile\n"));
  }

  @Test
  void thisMachineHasOne() {
    assertNotNull(Processor.ofThisMachine());
  }
}
