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

  /** Empty if it is a tombstone. */
  public byte[] value = {};

  /** The key that a tombstone erases; empty if it is none. */
  public String erasedKey = "";

  /** For Flink. */
  public RawRecord() {}

  RawRecord(String topic, int partition, long offset, byte[] value) {
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.value = value;
  }

  /** A tombstone. */
  static RawRecord erasing(String topic, int partition, long offset, String key) {
    RawRecord tombstone = new RawRecord(topic, partition, offset, new byte[0]);
    tombstone.erasedKey = key;
    return tombstone;
  }

  Origin origin() {
    return new Origin(topic, partition, offset);
  }
}
