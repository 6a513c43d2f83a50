package io.freshet.sink.parquet;

import java.time.ZoneOffset;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.functions.sink.filesystem.BucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.SimpleVersionedStringSerializer;

/**
 * The folder of a row, in Hive's form: {@code space=freshet@12_cls_l2/day=2026-11-27}, so that
 * engines read only what a query needs. What is neither letter, digit, dot, dash nor at sign is an
 * underscore there (Flink's compactor gets paths with escapes wrong); the column says the space
 * itself.
 */
final class SpaceAndDay implements BucketAssigner<FeatureRow, String> {
  private static final long serialVersionUID = 1L;

  @Override
  public String getBucketId(FeatureRow row, Context context) {
    return folder(row.spaceId()) + "/day=" + row.at().atOffset(ZoneOffset.UTC).toLocalDate();
  }

  static String folder(String spaceId) {
    return "space=" + spaceId.replaceAll("[^A-Za-z0-9.@-]", "_");
  }

  @Override
  public SimpleVersionedSerializer<String> getSerializer() {
    return SimpleVersionedStringSerializer.INSTANCE;
  }
}
