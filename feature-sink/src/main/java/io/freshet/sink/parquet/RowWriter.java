package io.freshet.sink.parquet;

import java.io.IOException;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.avro.AvroWriteSupport;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/**
 * Writes one file. Rows are kept in memory up to the size of a row group; the file can be read once
 * it is finished. The stream stays open, it is the file sink's. Owned by the task thread.
 *
 * <p>Not compressed: codecs of parquet-hadoop want an installed Hadoop, and the float32 vectors,
 * nearly all of a row, hardly get smaller by them.
 */
final class RowWriter implements BulkWriter<FeatureRow> {
  /** Rows of some kilobytes: at most a few past the size of a row group. */
  private static final int ROWS_BETWEEN_CHECKS = 10;

  private final ParquetWriter<GenericRecord> writer;

  RowWriter(FSDataOutputStream stream, long rowGroupBytes) throws IOException {
    ParquetConfiguration settings = new PlainParquetConfiguration();
    // The three-level list that the format's specification asks for.
    settings.setBoolean(AvroWriteSupport.WRITE_OLD_LIST_STRUCTURE, false);
    writer =
        AvroParquetWriter.<GenericRecord>builder(new Target(stream))
            .withConf(settings)
            .withDataModel(GenericData.get())
            .withSchema(RowSchema.SCHEMA)
            .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
            .withDictionaryEncoding("vector.list.element", false)
            .withRowGroupSize(rowGroupBytes)
            .withMinRowCountForPageSizeCheck(ROWS_BETWEEN_CHECKS)
            .build();
  }

  @Override
  public void addElement(FeatureRow row) throws IOException {
    writer.write(RowSchema.record(row));
  }

  /** Rows reach the file by row groups. */
  @Override
  public void flush() {}

  @Override
  public void finish() throws IOException {
    writer.close();
  }

  /** A file that has been opened by the sink. */
  private record Target(FSDataOutputStream stream) implements OutputFile {
    @Override
    public PositionOutputStream create(long blockSizeHint) {
      return new Positioned(stream);
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) {
      return new Positioned(stream);
    }

    @Override
    public boolean supportsBlockSize() {
      return false;
    }

    @Override
    public long defaultBlockSize() {
      return 0;
    }
  }

  private static final class Positioned extends PositionOutputStream {
    private final FSDataOutputStream stream;

    Positioned(FSDataOutputStream stream) {
      this.stream = stream;
    }

    @Override
    public long getPos() throws IOException {
      return stream.getPos();
    }

    @Override
    public void write(int b) throws IOException {
      stream.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      stream.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      stream.flush();
    }

    @Override
    public void close() throws IOException {
      stream.flush();
    }
  }
}
