package io.freshet.platform.flink;

import io.freshet.schemas.TrustedRecords;
import org.apache.flink.formats.avro.typeutils.AvroSerializer;

/**
 * Flink's Avro serializer, which on a task manager may be the first class of ours to load: so it is
 * the one that tells Avro to trust our records.
 */
final class TrustedAvroSerializer<T> extends AvroSerializer<T> {
  private static final long serialVersionUID = 1L;

  static {
    TrustedRecords.register();
  }

  TrustedAvroSerializer(Class<T> type) {
    super(type);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AvroSerializer<?> that && getType() == that.getType();
  }

  @Override
  public int hashCode() {
    return super.hashCode();
  }
}
