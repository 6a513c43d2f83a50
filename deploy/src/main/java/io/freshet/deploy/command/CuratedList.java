package io.freshet.deploy.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.curator.window.Choice;
import io.freshet.deploy.curation.Place;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;

/** The file that {@code freshet curate batch} writes. */
final class CuratedList {
  private static final ObjectMapper JSON = new ObjectMapper();

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

  /**
   * An image that was taken.
   *
   * @param query where the seed or the cluster's image was found
   * @param window counts from 0
   * @param spaceId in which it was compared
   */
  record Row(Choice choice, Place place, String query, long window, String spaceId) {
    /** The values of {@code curated_list.avsc} by column, in its order; null where it says so. */
    Map<String, Object> columns() {
      Map<String, Object> columns = new LinkedHashMap<>();
      columns.put("file", place instanceof Place.InFile found ? found.file().toString() : null);
      columns.put("image_id", choice.imageId());
      columns.put("dataset", choice.dataset());
      columns.put("strategy", choice.strategy().name());
      columns.put("query_or_cluster_id", choice.queryOrClusterId());
      columns.put("query_file", query);
      columns.put("similarity", choice.similarity());
      columns.put("rank", choice.rank());
      columns.put("space_id", spaceId);
      columns.put("window", window);
      Optional<Place.InTopic> topic =
          place instanceof Place.InTopic found ? Optional.of(found) : Optional.empty();
      columns.put("topic", topic.map(found -> found.origin().getTopic()).orElse(null));
      columns.put("partition", topic.map(found -> found.origin().getPartition()).orElse(null));
      columns.put("offset", topic.map(found -> found.origin().getOffset()).orElse(null));
      columns.put("image_url", topic.map(found -> found.source().getImageUrl()).orElse(null));
      columns.put("page_url", topic.map(found -> found.source().getPageUrl()).orElse(null));
      columns.put("shard", topic.map(found -> found.blob().getShard()).orElse(null));
      columns.put("shard_offset", topic.map(found -> found.blob().getOffset()).orElse(null));
      columns.put("shard_length", topic.map(found -> found.blob().getLength()).orElse(null));
      return columns;
    }
  }

  /** Takes rows one after the other; the file is whole once it is closed. One owner thread. */
  interface Writer extends Closeable {
    void write(Row row) throws IOException;
  }

  /**
   * @param to does not exist
   */
  static Writer open(Path to, Format format) throws IOException {
    return switch (format) {
      case PARQUET -> new Parquet(to);
      case JSONL -> new Lines(to);
    };
  }

  private static final class Lines implements Writer {
    private final BufferedWriter lines;

    Lines(Path to) throws IOException {
      lines = Files.newBufferedWriter(to);
    }

    @Override
    public void write(Row row) throws IOException {
      lines.write(JSON.writeValueAsString(row.columns()));
      lines.newLine();
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }

  /**
   * Not compressed, since the codecs of parquet-hadoop want an installed Hadoop; what repeats is
   * kept once in the columns' dictionaries.
   */
  private static final class Parquet implements Writer {
    private final Schema schema = schema();
    private final ParquetWriter<GenericRecord> file;

    Parquet(Path to) throws IOException {
      file =
          AvroParquetWriter.<GenericRecord>builder(new LocalOutputFile(to))
              .withConf(new PlainParquetConfiguration())
              .withDataModel(GenericData.get())
              .withSchema(schema)
              .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
              .build();
    }

    @Override
    public void write(Row row) throws IOException {
      GenericRecord values = new GenericData.Record(schema);
      row.columns().forEach(values::put);
      file.write(values);
    }

    @Override
    public void close() throws IOException {
      file.close();
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
