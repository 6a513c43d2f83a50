package io.freshet.platform.flink;

import io.freshet.schemas.Origin;

/**
 * A Kafka record as it came, before anybody tried to understand it. A Flink POJO; treat it as
 * immutable.
 */
public final class RawRecord {
  public String topic = "";
  public int partition;
  public long offset;

  /** Never null: tombstones don't get this far. */
  public byte[] value = {};

  /** For Flink. */
  public RawRecord() {}

  RawRecord(String topic, int partition, long offset, byte[] value) {
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.value = value;
  }

  Origin origin() {
    return new Origin(topic, partition, offset);
  }
}
