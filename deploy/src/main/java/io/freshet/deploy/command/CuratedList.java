package io.freshet.deploy.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;

/** The file that {@code freshet curate batch} writes. */
final class CuratedList {
  private static final ObjectMapper JSON =
      new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);

  private CuratedList() {}

  /** How the rows are written. */
  enum Format {
    /** The columns of {@code curated_list.avsc}. */
    PARQUET,
    /** A JSON object a line, with the same names. */
    JSONL;

    /** By the end of a file's name. */
    static Format of(Path file) {
      String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
      return name.endsWith(".jsonl") ? JSONL : PARQUET;
    }
  }

  /** An image that was taken; see {@code curated_list.avsc}. */
  record Row(
      String file,
      String imageId,
      String dataset,
      String strategy,
      String queryOrClusterId,
      String queryFile,
      float similarity,
      int rank,
      String spaceId) {}

  /**
   * @param to does not exist
   */
  static void write(Path to, Format format, List<Row> rows) throws IOException {
    switch (format) {
      case PARQUET -> writeParquet(to, rows);
      case JSONL -> writeLines(to, rows);
    }
  }

  private static void writeLines(Path to, List<Row> rows) throws IOException {
    try (BufferedWriter lines = Files.newBufferedWriter(to)) {
      for (Row row : rows) {
        lines.write(JSON.writeValueAsString(row));
        lines.newLine();
      }
    }
  }

  /**
   * Not compressed, since the codecs of parquet-hadoop want an installed Hadoop; what repeats is
   * kept once in the columns' dictionaries.
   */
  private static void writeParquet(Path to, List<Row> rows) throws IOException {
    Schema schema = schema();
    try (ParquetWriter<GenericRecord> file =
        AvroParquetWriter.<GenericRecord>builder(new LocalOutputFile(to))
            .withConf(new PlainParquetConfiguration())
            .withDataModel(GenericData.get())
            .withSchema(schema)
            .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
            .build()) {
      for (Row row : rows) {
        file.write(
            new GenericRecordBuilder(schema)
                .set("file", row.file())
                .set("image_id", row.imageId())
                .set("dataset", row.dataset())
                .set("strategy", row.strategy())
                .set("query_or_cluster_id", row.queryOrClusterId())
                .set("query_file", row.queryFile())
                .set("similarity", row.similarity())
                .set("rank", row.rank())
                .set("space_id", row.spaceId())
                .build());
      }
    }
  }

  private static Schema schema() {
    try (InputStream text = CuratedList.class.getResourceAsStream("curated_list.avsc")) {
      return new Schema.Parser().parse(Objects.requireNonNull(text, "curated_list.avsc"));
    } catch (IOException e) {
      throw new UncheckedIOException("curated_list.avsc can't be read", e);
    }
  }
}
