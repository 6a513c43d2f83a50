package io.freshet.sink.tally;

import io.freshet.schemas.TopicOffset;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Records of a topic that a reader has not come to, by its positions. Counts records, not offsets:
 * those of transactions' ends hold none. Of more than {@value #LIMIT} in a partition the oldest are
 * taken as read. Owned by one thread.
 */
final class Unread {
  static final int LIMIT = 200_000;

  private final Map<Integer, Deque<Waiting>> records = new HashMap<>();
  private final Map<Integer, Long> positions = new HashMap<>();

  private record Waiting(long offset, Instant since) {}

  /**
   * @param since when it was written
   */
  void written(int partition, long offset, Instant since) {
    if (offset >= positions.getOrDefault(partition, 0L)) {
      Deque<Waiting> waiting = records.computeIfAbsent(partition, unused -> new ArrayDeque<>());
      waiting.addLast(new Waiting(offset, since));
      if (waiting.size() > LIMIT) {
        waiting.removeFirst();
      }
    }
  }

  /**
   * @param next the next offset that the reader wants of each partition
   * @param passed takes when each record was written that the reader has come past
   */
  void read(List<TopicOffset> next, Consumer<Instant> passed) {
    for (TopicOffset position : next) {
      positions.merge(position.getPartition(), position.getOffset(), Math::max);
      Deque<Waiting> waiting = records.get(position.getPartition());
      while (waiting != null
          && !waiting.isEmpty()
          && waiting.peekFirst().offset() < position.getOffset()) {
        passed.accept(waiting.removeFirst().since());
      }
    }
  }

  long count() {
    return records.values().stream().mapToLong(Deque::size).sum();
  }
}
