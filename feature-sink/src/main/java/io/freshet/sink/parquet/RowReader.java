package io.freshet.sink.parquet;

import java.io.IOException;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.connector.file.sink.compactor.RecordWiseFileCompactor;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;

/** Reads a finished file again, row by row, to put it together with others. One owner thread. */
final class RowReader implements RecordWiseFileCompactor.Reader<FeatureRow> {
  private final ParquetReader<GenericRecord> reader;

  RowReader(Path file) throws IOException {
    reader =
        AvroParquetReader.<GenericRecord>builder(new Source(file), new PlainParquetConfiguration())
            .withDataModel(GenericData.get())
            .build();
  }

  /** The next row; null after the last. */
  @Override
  public FeatureRow read() throws IOException {
    GenericRecord values = reader.read();
    return values == null ? null : RowSchema.row(values);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  private record Source(Path file) implements InputFile {
    @Override
    public long getLength() throws IOException {
      return fileSystem().getFileStatus(file).getLen();
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
      FSDataInputStream stream = fileSystem().open(file);
      return new DelegatingSeekableInputStream(stream) {
        @Override
        public long getPos() throws IOException {
          return stream.getPos();
        }

        @Override
        public void seek(long position) throws IOException {
          stream.seek(position);
        }
      };
    }

    private FileSystem fileSystem() throws IOException {
      return file.getFileSystem();
    }
  }
}
