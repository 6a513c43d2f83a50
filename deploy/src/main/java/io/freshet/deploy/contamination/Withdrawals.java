package io.freshet.deploy.contamination;

import io.freshet.schemas.RetractedImage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds what a benchmark withdrew among all retractions, in any order. A component is withdrawn by
 * the image that it keeps at that time; those it had kept before were merged into that one, maybe
 * over others between. Memory: an entry a retraction. One owner thread.
 */
final class Withdrawals {
  private final SortedMap<String, Withdrawal> direct = new TreeMap<>();
  private final Map<String, Set<String>> mergedInto = new HashMap<>();

  void add(RetractedImage retracted) {
    switch (retracted.getCause()) {
      case BENCHMARK_ADDED ->
          direct.putIfAbsent(
              retracted.getImageId(),
              new Withdrawal(
                  retracted.getAt(),
                  Optional.ofNullable(retracted.getBenchmarkDataset()),
                  Optional.empty()));
      case MERGED -> {
        if (retracted.getKeptImageId() != null) {
          mergedInto
              .computeIfAbsent(retracted.getKeptImageId(), kept -> new TreeSet<>())
              .add(retracted.getImageId());
        }
      }
      case REVOKED, UNKNOWN -> {}
    }
  }

  /** Each image once; its own withdrawal counts before that of an image it was merged into. */
  SortedMap<String, Withdrawal> all() {
    SortedMap<String, Withdrawal> all = new TreeMap<>(direct);
    direct.forEach(
        (kept, withdrawal) -> {
          Withdrawal inherited =
              new Withdrawal(withdrawal.at(), withdrawal.dataset(), Optional.of(kept));
          Deque<String> next = new ArrayDeque<>(Set.of(kept));
          while (!next.isEmpty()) {
            for (String merged : mergedInto.getOrDefault(next.remove(), Set.of())) {
              if (all.putIfAbsent(merged, inherited) == null) {
                next.add(merged);
              }
            }
          }
        });
    return all;
  }
}
