package io.freshet.deploy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.curator.window.Choice;
import io.freshet.deploy.command.CuratedList.Format;
import io.freshet.deploy.command.CuratedList.Row;
import io.freshet.deploy.curation.Place;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Origin;
import io.freshet.schemas.Sha256;
import io.freshet.schemas.SourceUrls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.io.LocalInputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CuratedListTest {
  private static final List<Row> ROWS = rows();

  @TempDir private Path temp;

  @Test
  void plainParquetReadsWhatWasWritten() throws IOException {
    Path file = temp.resolve("taken.parquet");
    write(file, Format.of(file), ROWS);

    List<Map<String, Object>> read = new ArrayList<>();
    try (ParquetReader<GenericRecord> reader =
        AvroParquetReader.<GenericRecord>builder(
                new LocalInputFile(file), new PlainParquetConfiguration())
            .withDataModel(GenericData.get())
            .build()) {
      for (GenericRecord row = reader.read(); row != null; row = reader.read()) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (Schema.Field column : row.getSchema().getFields()) {
          Object value = row.get(column.name());
          values.put(column.name(), value instanceof CharSequence ? value.toString() : value);
        }
        read.add(values);
      }
    }
    assertEquals(ROWS.stream().map(Row::columns).toList(), read);
    try (var files = Files.list(temp)) {
      assertEquals(List.of(file), files.toList(), "no checksum or lock beside it");
    }
  }

  @Test
  void linesHaveTheNamesOfTheColumns() throws IOException {
    Path parquet = temp.resolve("taken.parquet");
    Path lines = temp.resolve("taken.jsonl");
    write(parquet, Format.PARQUET, ROWS);
    write(lines, Format.of(lines), ROWS);
    List<String> names = new ArrayList<>();
    JsonNode first = new ObjectMapper().readTree(Files.readAllLines(lines).get(0));
    first.fieldNames().forEachRemaining(names::add);
    assertEquals(columns(parquet), names);
    assertEquals(0.5, first.get("similarity").asDouble());
    assertEquals(ROWS.size(), Files.readAllLines(lines).size());
  }

  @Test
  void writesNoRowsAsWell() throws IOException {
    Path file = temp.resolve("none.parquet");
    write(file, Format.PARQUET, List.of());
    try (ParquetReader<GenericRecord> reader =
        AvroParquetReader.<GenericRecord>builder(
                new LocalInputFile(file), new PlainParquetConfiguration())
            .withDataModel(GenericData.get())
            .build()) {
      assertEquals(null, reader.read());
    }
  }

  private static void write(Path file, Format format, List<Row> rows) throws IOException {
    try (CuratedList.Writer writer = CuratedList.open(file, format)) {
      for (Row row : rows) {
        writer.write(row);
      }
    }
  }

  private static List<String> columns(Path file) throws IOException {
    try (ParquetReader<GenericRecord> reader =
        AvroParquetReader.<GenericRecord>builder(
                new LocalInputFile(file), new PlainParquetConfiguration())
            .withDataModel(GenericData.get())
            .build()) {
      return reader.read().getSchema().getFields().stream().map(Schema.Field::name).toList();
    }
  }

  private static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      Choice choice =
          new Choice(
              "%064x".formatted(i),
              Choice.Strategy.SAMPLE,
              "birds",
              "%064x".formatted(1_000_000 + i % 7),
              0.5f - i / 3_000f,
              1 + i % 4);
      Place place =
          i % 2 == 0
              ? new Place.InFile(Path.of("images/ä " + i + ".png"))
              : new Place.InTopic(
                  new Origin("image.unique", i % 4, 1L << 33 | i),
                  new BlobRef("ingest-0.tar", 512L * i, 100 + i, new Sha256(new byte[32])),
                  new SourceUrls("https://site.example/" + i, i % 3 == 0 ? null : "p", null));
      rows.add(new Row(choice, place, "seeds/" + i % 7 + ".png", i / 100, "bootstrap@1/cls/l2"));
    }
    return rows;
  }
}
