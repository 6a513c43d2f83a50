package io.freshet.schemas;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecordCodecTest {
  static Stream<Topic<?>> topics() {
    return Topics.all().stream();
  }

  private static <T extends SpecificRecordBase> byte[] encoded(Topic<T> topic) {
    return RecordCodec.of(topic.recordType())
        .encode(topic.recordType().cast(Samples.of(topic.recordType()).get(0)));
  }

  @ParameterizedTest
  @MethodSource("topics")
  void rejectsEveryTruncation(Topic<?> topic) {
    byte[] bytes = encoded(topic);
    RecordCodec<?> codec = RecordCodec.of(topic.recordType());
    for (int length = 0; length < bytes.length; length++) {
      byte[] truncated = Arrays.copyOf(bytes, length);
      assertThrows(UnreadableRecordException.class, () -> codec.decode(truncated), "at " + length);
    }
  }

  @ParameterizedTest
  @MethodSource("topics")
  void rejectsRandomBytes(Topic<?> topic) {
    long seed = 11;
    Random random = new Random(seed);
    RecordCodec<?> codec = RecordCodec.of(topic.recordType());
    for (int trial = 0; trial < 1_000; trial++) {
      byte[] bytes = new byte[random.nextInt(300)];
      random.nextBytes(bytes);
      assertThrows(
          UnreadableRecordException.class,
          () -> codec.decode(bytes),
          "seed %d trial %d".formatted(seed, trial));
    }
  }

  @ParameterizedTest
  @MethodSource("topics")
  void rejectsRecordsOfOtherTopicsAndUnknownSchemas(Topic<?> topic) {
    RecordCodec<?> codec = RecordCodec.of(topic.recordType());
    for (Topic<?> other : Topics.all()) {
      if (!other.equals(topic)) {
        byte[] bytes = encoded(other);
        assertThrows(UnreadableRecordException.class, () -> codec.decode(bytes), other.name());
      }
    }
    byte[] unknown = encoded(topic);
    unknown[5] ^= 1;
    assertThrows(UnreadableRecordException.class, () -> codec.decode(unknown));
  }

  @Test
  void passesTombstonesThrough() {
    assertNull(new RecordSerializer<>(Revocation.class).serialize("t", null));
    assertNull(new RecordDeserializer<>(Revocation.class).deserialize("t", null));
  }

  @Test
  void serializesForKafkaAsTheCodecDoes() {
    Revocation record = (Revocation) Samples.of(Revocation.class).get(0);
    byte[] bytes = new RecordSerializer<>(Revocation.class).serialize("t", record);
    assertArrayEquals(RecordCodec.of(Revocation.class).encode(record), bytes);
    assertEquals(record, new RecordDeserializer<>(Revocation.class).deserialize("t", bytes));
  }
}
