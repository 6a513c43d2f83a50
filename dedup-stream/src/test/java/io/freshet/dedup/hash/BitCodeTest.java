package io.freshet.dedup.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BitCodeTest {
  @Test
  void survivesBytes() {
    BitCode code = Codes.random(new Random(1));
    ByteBuffer buffer = ByteBuffer.allocate(BitCode.BYTES);
    code.write(buffer);
    assertEquals(code, BitCode.of(buffer.array()));
  }

  @Test
  void firstBitIsTheHighestOfTheFirstByte() {
    byte[] bytes = new byte[BitCode.BYTES];
    bytes[0] = (byte) 0x80;
    bytes[3] = 1;
    BitCode code = BitCode.of(bytes);
    assertEquals(0x8000, code.word16(0));
    assertEquals(1, code.word16(1));
    assertEquals(2, code.distance(BitCode.of(new byte[BitCode.BYTES])));
  }

  @Test
  void refusesAnotherLength() {
    assertThrows(IllegalArgumentException.class, () -> new BitCode(new long[3]));
  }
}
