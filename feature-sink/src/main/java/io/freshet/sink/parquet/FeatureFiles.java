package io.freshet.sink.parquet;

import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.file.sink.compactor.FileCompactStrategy;
import org.apache.flink.connector.file.sink.compactor.RecordWiseFileCompactor;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;

/**
 * The sink of the Parquet files. Each row is in exactly one of the visible files, across crashes: a
 * file appears when the checkpoint that covers it is complete, and files that were put together
 * disappear as the one with their rows appears. Files whose names begin with a dot are unfinished.
 */
public final class FeatureFiles {
  private FeatureFiles() {}

  public static FileSink<FeatureRow> sink(FeatureFilesConfig config) {
    long rowGroupBytes = config.rowGroupSize().bytes();
    FileSink.DefaultBulkFormatBuilder<FeatureRow> files =
        FileSink.forBulkFormat(
                new Path(config.dir().toAbsolutePath().normalize().toUri()),
                stream -> new RowWriter(stream, rowGroupBytes))
            .withBucketAssigner(new SpaceAndDay())
            .withRollingPolicy(OnCheckpointRollingPolicy.build())
            .withOutputFileConfig(
                OutputFileConfig.builder()
                    .withPartPrefix("features")
                    .withPartSuffix(".parquet")
                    .build());
    if (config.compactCheckpoints() > 1) {
      files.enableCompact(
          FileCompactStrategy.Builder.newBuilder()
              .setSizeThreshold(config.targetSize().bytes())
              .enableCompactionOnCheckpoint(config.compactCheckpoints())
              .build(),
          new RecordWiseFileCompactor<>(RowReader::new));
    } else {
      files.disableCompact();
    }
    return files.build();
  }
}
