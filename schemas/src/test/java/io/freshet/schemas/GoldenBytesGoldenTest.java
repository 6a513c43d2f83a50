package io.freshet.schemas;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code golden-bytes/<Record>.v<N>.hex} holds what version N wrote, a record a line. They are read
 * for ever; only the newest is also written.
 */
class GoldenBytesGoldenTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden-bytes");
  private static final Path PROPOSED = Path.of("target/golden-bytes");

  static Stream<Topic<?>> topics() {
    return Topics.all().stream();
  }

  private static Path file(Path directory, Class<?> type, int version) {
    return directory.resolve("%s.v%d.hex".formatted(type.getSimpleName(), version));
  }

  private static List<byte[]> golden(Class<?> type, int version) throws IOException {
    return Files.readAllLines(file(GOLDEN, type, version)).stream()
        .map(HexFormat.of()::parseHex)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("topics")
  <T extends SpecificRecordBase> void writesTheGoldenBytes(Topic<T> topic) throws IOException {
    Class<T> type = topic.recordType();
    RecordCodec<T> codec = RecordCodec.of(type);
    int newest = SchemaHistory.of(type).size();
    List<T> samples = Samples.of(type).stream().map(type::cast).toList();
    List<byte[]> written = samples.stream().map(codec::encode).toList();
    if (!Files.exists(file(GOLDEN, type, newest))) {
      Files.createDirectories(PROPOSED);
      Files.write(
          file(PROPOSED, type, newest), written.stream().map(HexFormat.of()::formatHex).toList());
      fail(
          "%s is missing; check schemas/%s and copy it there"
              .formatted(file(GOLDEN, type, newest), file(PROPOSED, type, newest)));
    }
    List<byte[]> golden = golden(type, newest);
    assertEquals(2, golden.size());
    for (int i = 0; i < golden.size(); i++) {
      T decoded = codec.decode(golden.get(i));
      assertEquals(samples.get(i), decoded);
      assertArrayEquals(golden.get(i), written.get(i));
      assertArrayEquals(golden.get(i), codec.encode(decoded));
    }
  }

  @ParameterizedTest
  @MethodSource("topics")
  void readsTheGoldenBytesOfEveryVersion(Topic<?> topic) throws IOException {
    Class<? extends SpecificRecordBase> type = topic.recordType();
    List<Schema> history = SchemaHistory.of(type);
    assertFalse(history.isEmpty());
    for (int version = 1; version <= history.size(); version++) {
      for (byte[] bytes : golden(type, version)) {
        assertEquals(type, RecordCodec.of(type).decode(bytes).getClass());
      }
    }
  }

  /** What a consumer without our classes does: strip 10 bytes, decode by the published file. */
  @ParameterizedTest
  @MethodSource("topics")
  void isReadableByStockAvro(Topic<?> topic) throws IOException {
    Class<?> type = topic.recordType();
    List<Schema> history = SchemaHistory.of(type);
    Schema schema = history.get(history.size() - 1);
    List<byte[]> golden = golden(type, history.size());
    for (int i = 0; i < golden.size(); i++) {
      byte[] bytes = golden.get(i);
      BinaryDecoder decoder =
          DecoderFactory.get().binaryDecoder(bytes, 10, bytes.length - 10, null);
      GenericRecord record = new GenericDatumReader<GenericRecord>(schema).read(null, decoder);
      assertTrue(decoder.isEnd(), "bytes are left over");
      SpecificRecordBase expected = Samples.of(type).get(i);
      for (Schema.Field field : schema.getFields()) {
        if (field.schema().getType() == Schema.Type.STRING) {
          assertEquals(expected.get(field.name()), record.get(field.name()).toString());
        }
      }
    }
  }

  /** By hand from the Avro specification, not by Avro. */
  @Test
  void writesARevocationAsTheSpecificationSays() throws IOException {
    String header = "c301" + littleEndian(SchemaHistory.of(Revocation.class).get(0));
    assertEquals(
        header + "06616263" + "0e6f70742d6f7574" + varint(1_793_536_496_789_012L),
        HexFormat.of().formatHex(golden(Revocation.class, 1).get(0)));
    assertEquals(header + "000000", HexFormat.of().formatHex(golden(Revocation.class, 1).get(1)));
  }

  private static String littleEndian(Schema schema) {
    long fingerprint = SchemaNormalization.parsingFingerprint64(schema);
    StringBuilder hex = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      hex.append("%02x".formatted((fingerprint >>> (8 * i)) & 0xff));
    }
    return hex.toString();
  }

  private static String varint(long value) {
    long rest = (value << 1) ^ (value >> 63);
    StringBuilder hex = new StringBuilder();
    while (rest > 0x7f) {
      hex.append("%02x".formatted((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    return hex.append("%02x".formatted(rest)).toString();
  }
}
