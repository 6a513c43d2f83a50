package io.freshet.schemas;

import java.time.Duration;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * A topic of the contract: what it carries, how it is keyed and how long it is kept.
 *
 * @param name name without the deployment's prefix
 * @param recordType the Avro record of its values
 * @param key the key of a record, UTF-8 text
 * @param cleanup what the broker may drop
 * @param retention how long records stay at least; empty means for ever
 */
public record Topic<T extends SpecificRecordBase>(
    String name,
    Class<T> recordType,
    RecordKey<T> key,
    Cleanup cleanup,
    Optional<Duration> retention) {

  /** What the broker may drop. */
  public enum Cleanup {
    /** Whole segments older than the retention. */
    DELETE,
    /** All but the newest record of each key. */
    COMPACT
  }

  /** Name on the broker of a deployment whose topics start with {@code prefix} (may be empty). */
  public String nameWith(String prefix) {
    return prefix + name;
  }

  static <T extends SpecificRecordBase> Topic<T> deleted(
      String name, Class<T> type, Duration retention, RecordKey<T> key) {
    return new Topic<>(name, type, key, Cleanup.DELETE, Optional.of(retention));
  }

  static <T extends SpecificRecordBase> Topic<T> kept(
      String name, Class<T> type, RecordKey<T> key) {
    return new Topic<>(name, type, key, Cleanup.DELETE, Optional.empty());
  }

  static <T extends SpecificRecordBase> Topic<T> compacted(
      String name, Class<T> type, RecordKey<T> key) {
    return new Topic<>(name, type, key, Cleanup.COMPACT, Optional.empty());
  }
}
