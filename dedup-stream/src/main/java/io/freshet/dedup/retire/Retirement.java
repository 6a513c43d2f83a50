package io.freshet.dedup.retire;

import io.freshet.dedup.state.Barriers;
import io.freshet.dedup.state.ImageIds;
import io.freshet.dedup.state.Retention;
import io.freshet.dedup.state.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Says when ids are forgotten that requests are told apart by: in the order in which they were
 * first requested, when the retention is over.
 *
 * <p>Guarantee: when an id goes, everything that was requested of it has got its outcome, so of the
 * same image no two are ever on their way. One that is still being requested is kept for another
 * turn. Nothing is kept where nothing is forgotten; ids that were requested before that was so
 * count from their next request on. Owner: one thread.
 */
public final class Retirement {
  private final Table<String, Long> lastRequested;
  private final ImageIds ids;
  private final Retention retention;
  private final Barriers barriers;

  /**
   * @param lastRequested stamp of the last request of each id; nothing else may use it
   * @param turns where ids wait for theirs; nothing else may use it
   * @param barriers of the task where requests pass first
   */
  public Retirement(
      Table<String, Long> lastRequested,
      Table<Integer, String> turns,
      Retention retention,
      Barriers barriers) {
    this.lastRequested = lastRequested;
    this.ids = new ImageIds(turns, retention);
    this.retention = retention;
    this.barriers = barriers;
  }

  /**
   * An image is requested.
   *
   * @param ingestedMicros microseconds since 1970
   * @return ids that are forgotten for it, a few at most
   */
  public List<String> accept(String imageId, long ingestedMicros) {
    if (retention.isForEver()) {
      return List.of();
    }
    Optional<Long> before = lastRequested.get(imageId);
    if (before.isEmpty() || before.get() != barriers.stamp()) {
      lastRequested.put(imageId, barriers.stamp());
    }
    if (before.isPresent()) {
      return List.of();
    }
    ids.add(imageId, ingestedMicros);
    List<String> forgotten = new ArrayList<>();
    for (String over : ids.forget(ingestedMicros)) {
      if (barriers.isSettled(lastRequested.get(over).orElseThrow())) {
        lastRequested.remove(over);
        forgotten.add(over);
      } else {
        ids.add(over, ingestedMicros);
      }
    }
    return forgotten;
  }
}
