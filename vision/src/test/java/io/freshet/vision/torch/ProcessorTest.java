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
  void thisMachineHasOne() {
    assertNotNull(Processor.ofThisMachine());
  }
}
