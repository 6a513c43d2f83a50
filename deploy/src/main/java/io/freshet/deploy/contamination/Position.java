package io.freshet.deploy.contamination;

import java.util.Map;

/** Where a record lies in {@code image.curated}. */
record Position(int partition, long offset) {
  /**
   * Whether a reader that goes on at these offsets has read the record.
   *
   * @param next next offset of each partition; partitions that are missing were not read
   */
  boolean isBefore(Map<Integer, Long> next) {
    return next.getOrDefault(partition, 0L) > offset;
  }
}
