package io.freshet.sink.tally;

import io.freshet.schemas.TopicOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Records of a topic that a reader has not come to, by its positions. Counts records, not offsets:
 * those of transactions' ends hold none. Of more than {@value #LIMIT} in a partition the oldest are
 * taken as read. Owned by one thread.
 */
final class Unread {
  static final int LIMIT = 200_000;

  private final Map<Integer, Deque<Long>> offsets = new HashMap<>();
  private final Map<Integer, Long> positions = new HashMap<>();

  void written(int partition, long offset) {
    if (offset >= positions.getOrDefault(partition, 0L)) {
      Deque<Long> waiting = offsets.computeIfAbsent(partition, unused -> new ArrayDeque<>());
      waiting.addLast(offset);
      if (waiting.size() > LIMIT) {
        waiting.removeFirst();
      }
    }
  }

  /**
   * @param next the next offset that the reader wants of each partition
   */
  void read(List<TopicOffset> next) {
    for (TopicOffset position : next) {
      positions.merge(position.getPartition(), position.getOffset(), Math::max);
      Deque<Long> waiting = offsets.get(position.getPartition());
      while (waiting != null && !waiting.isEmpty() && waiting.peekFirst() < position.getOffset()) {
        waiting.removeFirst();
      }
    }
  }

  long count() {
    return offsets.values().stream().mapToLong(Deque::size).sum();
  }
}
