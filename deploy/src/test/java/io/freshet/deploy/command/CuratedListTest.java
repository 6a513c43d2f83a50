package io.freshet.deploy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.deploy.command.CuratedList.Format;
import io.freshet.deploy.command.CuratedList.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    CuratedList.write(file, Format.of(file), ROWS);

    List<Row> read = new ArrayList<>();
    try (ParquetReader<GenericRecord> reader =
        AvroParquetReader.<GenericRecord>builder(
                new LocalInputFile(file), new PlainParquetConfiguration())
            .withDataModel(GenericData.get())
            .build()) {
      for (GenericRecord row = reader.read(); row != null; row = reader.read()) {
        read.add(
            new Row(
                row.get("file").toString(),
                row.get("image_id").toString(),
                row.get("dataset").toString(),
                row.get("strategy").toString(),
                row.get("query_or_cluster_id").toString(),
                row.get("query_file").toString(),
                (float) row.get("similarity"),
                (int) row.get("rank"),
                row.get("space_id").toString()));
        assertEquals(9, row.getSchema().getFields().size());
      }
    }
    assertEquals(ROWS, read);
    try (var files = Files.list(temp)) {
      assertEquals(List.of(file), files.toList(), "no checksum or lock beside it");
    }
  }

  @Test
  void linesHaveTheNamesOfTheColumns() throws IOException {
    Path parquet = temp.resolve("taken.parquet");
    Path lines = temp.resolve("taken.jsonl");
    CuratedList.write(parquet, Format.PARQUET, ROWS);
    CuratedList.write(lines, Format.of(lines), ROWS);
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
    CuratedList.write(file, Format.PARQUET, List.of());
    try (ParquetReader<GenericRecord> reader =
        AvroParquetReader.<GenericRecord>builder(
                new LocalInputFile(file), new PlainParquetConfiguration())
            .withDataModel(GenericData.get())
            .build()) {
      assertEquals(null, reader.read());
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
      rows.add(
          new Row(
              "images/ä " + i + ".png",
              "%064x".formatted(i),
              "birds",
              "SAMPLE",
              "%064x".formatted(1_000_000 + i % 7),
              "seeds/" + i % 7 + ".png",
              0.5f - i / 3_000f,
              1 + i % 4,
              "bootstrap@1/features/l2"));
    }
    return rows;
  }
}
