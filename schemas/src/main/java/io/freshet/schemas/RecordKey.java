package io.freshet.schemas;

import java.io.Serializable;

/** The Kafka key of a record, as text. Serializable because Flink ships it with the sink. */
@FunctionalInterface
public interface RecordKey<T> extends Serializable {
  String of(T record);
}
