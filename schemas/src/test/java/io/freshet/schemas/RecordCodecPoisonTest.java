package io.freshet.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes whose header is right and whose body was made to hurt. */
class RecordCodecPoisonTest {
  private static final int HEADER = 10;

  static Stream<Topic<?>> topics() {
    return Topics.all().stream();
  }

  private static <T extends SpecificRecordBase> byte[] encoded(Topic<T> topic) {
    return RecordCodec.of(topic.recordType())
        .encode(topic.recordType().cast(Samples.of(topic.recordType()).get(0)));
  }

  /**
   * A right header with a wrong body decodes to some record or is refused; nothing else happens.
   */
  @ParameterizedTest
  @MethodSource("topics")
  void survivesMutatedBodies(Topic<?> topic) {
    long seed = 12;
    Random random = new Random(seed);
    byte[] original = encoded(topic);
    RecordCodec<?> codec = RecordCodec.of(topic.recordType());
    int refused = 0;
    for (int trial = 0; trial < 2_000; trial++) {
      byte[] bytes = original.clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        bytes[HEADER + random.nextInt(bytes.length - HEADER)] = (byte) random.nextInt();
      }
      try {
        assertEquals(topic.recordType(), codec.decode(bytes).getClass());
      } catch (UnreadableRecordException e) {
        refused++;
      }
    }
    assertTrue(refused > 0, "seed " + seed + ": every mutant was accepted");
  }

  @Test
  void refusesALengthOfTwoGigabytesWithoutAllocatingThem() {
    RecordCodec<Revocation> codec = RecordCodec.of(Revocation.class);
    byte[] header = Arrays.copyOf(encoded(Topics.IMAGE_REVOKED), HEADER);
    for (int[] length :
        new int[][] {
          {0xfe, 0xff, 0xff, 0xff, 0x0f},
          {0xee, 0xff, 0xff, 0xff, 0x0f},
          {0x80, 0x80, 0x80, 0x80, 8}
        }) {
      byte[] bytes = Arrays.copyOf(header, HEADER + length.length + 3);
      for (int i = 0; i < length.length; i++) {
        bytes[HEADER + i] = (byte) length[i];
      }
      assertThrows(UnreadableRecordException.class, () -> codec.decode(bytes));
    }
  }

  @ParameterizedTest
  @MethodSource("topics")
  void refusesBytesThatAreLeftOver(Topic<?> topic) {
    byte[] bytes = encoded(topic);
    RecordCodec<?> codec = RecordCodec.of(topic.recordType());
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThrows(UnreadableRecordException.class, () -> codec.decode(longer));
  }
}
