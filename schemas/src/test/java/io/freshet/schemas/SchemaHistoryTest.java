package io.freshet.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.specific.SpecificData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SchemaHistoryTest {
  private static final Path RESOURCES = Path.of("src/main/resources/io/freshet/schemas/history");
  private static final Path PROPOSED = Path.of("target/schema-history");

  static Stream<Class<?>> records() {
    return Topics.all().stream().map(Topic::recordType);
  }

  private static Schema compiled(Class<?> type) {
    return SpecificData.get().getSchema(type);
  }

  @ParameterizedTest
  @MethodSource("records")
  void endsWithTheCompiledSchema(Class<?> type) throws IOException {
    List<Schema> history = SchemaHistory.of(type);
    boolean current =
        !history.isEmpty()
            && SchemaText.meaning(history.get(history.size() - 1))
                .equals(SchemaText.meaning(compiled(type)));
    if (!current) {
      String name = "%s.v%d.avsc".formatted(type.getSimpleName(), history.size() + 1);
      Files.createDirectories(PROPOSED);
      Files.writeString(PROPOSED.resolve(name), SchemaText.published(compiled(type)));
      fail(
          "%s.avsc is not the newest schema of its history. Published schemas never change: to make this one public run  cp schemas/%s/%s schemas/%s/  and add golden bytes %s"
              .formatted(
                  type.getSimpleName(), PROPOSED, name, RESOURCES, name.replace(".avsc", ".hex")));
    }
  }

  /** FULL_TRANSITIVE: each version reads what each other version wrote. */
  @ParameterizedTest
  @MethodSource("records")
  void isCompatibleInBothDirectionsAcrossAllVersions(Class<?> type) {
    List<Schema> history = SchemaHistory.of(type);
    assertFalse(history.isEmpty());
    for (Schema reader : history) {
      for (Schema writer : history) {
        var result = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
        assertEquals(SchemaCompatibilityType.COMPATIBLE, result.getType(), result.getDescription());
      }
    }
  }

  @Test
  void refusesAnIncompatibleChange() {
    Schema v1 =
        new Schema.Parser()
            .parse(
                "{'type':'record','name':'R','fields':[{'name':'a','type':'int'}]}"
                    .replace('\'', '"'));
    Schema v2 =
        new Schema.Parser()
            .parse(
                "{'type':'record','name':'R','fields':[{'name':'a','type':'int'},{'name':'b','type':'int'}]}"
                    .replace('\'', '"'));
    assertEquals(
        SchemaCompatibilityType.INCOMPATIBLE,
        SchemaCompatibility.checkReaderWriterCompatibility(v2, v1).getType());
  }

  @ParameterizedTest
  @MethodSource("records")
  void hasTheFingerprintThatTheRecordsCarry(Class<?> type) {
    List<Schema> history = SchemaHistory.of(type);
    assertEquals(
        SchemaNormalization.parsingFingerprint64(compiled(type)),
        SchemaNormalization.parsingFingerprint64(history.get(history.size() - 1)));
    long distinct =
        history.stream().map(SchemaNormalization::parsingFingerprint64).distinct().count();
    assertEquals(history.size(), distinct, "two versions can't be told apart by their fingerprint");
  }

  /** Each file stands alone, and other languages need no Java. */
  @Test
  void holdsOneCompleteFilePerVersionAndNothingElse() throws IOException {
    long versions = records().mapToLong(type -> SchemaHistory.of(type).size()).sum();
    try (Stream<Path> files = Files.list(RESOURCES)) {
      List<Path> found = files.toList();
      assertEquals(versions, found.size(), found.toString());
      for (Path file : found) {
        String text = Files.readString(file, StandardCharsets.UTF_8);
        assertFalse(text.contains("avro.java"), file.toString());
        Schema schema = new Schema.Parser().parse(text);
        assertTrue(file.getFileName().toString().startsWith(schema.getName() + ".v"), file + "");
      }
    }
  }

  @Test
  void knowsNoHistoryOfForeignTypes() {
    assertEquals(List.of(), SchemaHistory.of(String.class));
  }
}
