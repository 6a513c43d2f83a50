package io.freshet.platform.registry;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The releases and aliases that this process has found altered. A console that lists them every
 * second tells of each alteration once. Thread-safe.
 */
final class AlteredReleases {
  private static final Logger LOG = LoggerFactory.getLogger(AlteredReleases.class);

  /** Beyond it they are told of again, for the log must not cost memory. */
  private static final int MAX_REMEMBERED = 10_000;

  private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

  private AlteredReleases() {}

  /** It is passed over; says so unless it was said before. */
  static void found(String what, ReleaseAlteredException why) {
    if (TOLD.size() >= MAX_REMEMBERED) {
      TOLD.clear();
    }
    if (TOLD.add(why.getMessage())) {
      LOG.error("{} is passed over: {}", what, why.getMessage());
    }
  }
}
