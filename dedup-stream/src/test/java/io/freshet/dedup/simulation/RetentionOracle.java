package io.freshet.dedup.simulation;

import io.freshet.dedup.candidate.Inquiry;
import io.freshet.dedup.candidate.VectorVisit;
import io.freshet.dedup.component.Benchmark;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.similarity.CellRouter;
import io.freshet.dedup.state.Retention;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * What must come of a history in which images are forgotten, told by comparing each image with
 * those that are inside the retention when it asks. An image that comes again after it was
 * forgotten is another one, unless its verdict says that it is known; so of each component of
 * images and pairs that ever were inside the retention together one is kept.
 */
final class RetentionOracle {
  private static final int MOST_FORGOTTEN = 4;

  /** An image, each time that it passed the sequence. */
  record Appearance(String imageId, int number) {}

  /** Two appearances that are copies of each other. */
  record Pair(Appearance later, Appearance earlier) {}

  private record Stored(Appearance appearance, long ingestedMicros) {}

  private final Map<String, Integer> appearances = new HashMap<>();
  private final List<Deque<Stored>> shards = new ArrayList<>();

  /** By shard what each benchmark has to find there. */
  private final List<Deque<List<Appearance>>> scans = new ArrayList<>();

  private final Deque<Stored> rows = new ArrayDeque<>();
  private final List<Set<String>> benchmarks = new ArrayList<>();
  private final Set<String> benchmarksOfRows = new HashSet<>();
  final List<Appearance> all = new ArrayList<>();
  final List<Pair> pairs = new ArrayList<>();
  final Set<Appearance> contaminated = new HashSet<>();

  /** Near to a benchmark, but forgotten before all that was stored was compared with it. */
  final Set<Appearance> forgottenMeanwhile = new HashSet<>();

  final List<Pair> returned = new ArrayList<>();

  /** In the order in which the components said so, of the appearances that they are about. */
  final List<Judged> judged = new ArrayList<>();

  /** Nodes. */
  int forgotten;

  record Judged(Appearance appearance, Verdict verdict) {}

  RetentionOracle() {
    for (int i = 0; i < CellRouter.SHARDS; i++) {
      shards.add(new ArrayDeque<>());
      scans.add(new ArrayDeque<>());
      benchmarks.add(new HashSet<>());
    }
  }

  RetentionOracle copy() {
    RetentionOracle copy = new RetentionOracle();
    copy.appearances.putAll(appearances);
    for (int i = 0; i < shards.size(); i++) {
      copy.shards.get(i).addAll(shards.get(i));
      copy.scans.get(i).addAll(scans.get(i));
      copy.benchmarks.get(i).addAll(benchmarks.get(i));
    }
    copy.rows.addAll(rows);
    copy.benchmarksOfRows.addAll(benchmarksOfRows);
    copy.all.addAll(all);
    copy.pairs.addAll(pairs);
    copy.contaminated.addAll(contaminated);
    copy.forgottenMeanwhile.addAll(forgottenMeanwhile);
    copy.returned.addAll(returned);
    copy.judged.addAll(judged);
    copy.forgotten = forgotten;
    return copy;
  }

  void sequenced(String imageId) {
    appearances.merge(imageId, 1, Integer::sum);
    all.add(appearance(imageId));
  }

  /** Images that ever passed. */
  Set<String> images() {
    return appearances.keySet();
  }

  /** Images that a table still names. */
  Set<String> named() {
    Set<String> named = new HashSet<>();
    shards.forEach(shard -> shard.forEach(stored -> named.add(stored.appearance().imageId())));
    rows.forEach(stored -> named.add(stored.appearance().imageId()));
    return named;
  }

  void visitShard(VectorVisit visit, Retention retention, SimulatedCrawl crawl) {
    Inquiry inquiry = visit.inquiry();
    Deque<Stored> shard = shards.get(visit.shard());
    if (Benchmark.isName(inquiry.imageId())) {
      benchmarks.get(visit.shard()).add(inquiry.imageId());
      List<Appearance> near = new ArrayList<>();
      for (Stored image : shard) {
        if (crawl.isNearBenchmark(image.appearance().imageId(), inquiry.imageId())) {
          near.add(image.appearance());
        }
      }
      scans.get(visit.shard()).add(near);
      return;
    }
    ask(inquiry, shard, (a, b) -> crawl.cosine(a, b) > SimulatedCrawl.COSINE);
    if (visit.stays()) {
      askBenchmarks(inquiry, benchmarks.get(visit.shard()), crawl::isNearBenchmark);
      store(inquiry, shard, retention);
    }
  }

  void visitRow(Inquiry inquiry, Retention retention, SimulatedCrawl crawl) {
    if (Benchmark.isName(inquiry.imageId())) {
      benchmarksOfRows.add(inquiry.imageId());
      contaminate(inquiry.imageId(), rows, crawl::areNearByHash);
      return;
    }
    ask(inquiry, rows, crawl::areNearByHash);
    askBenchmarks(inquiry, benchmarksOfRows, crawl::areNearByHash);
    store(inquiry, rows, retention);
  }

  /** The first benchmark that the shard had to compare was compared with all that was left. */
  void scanned(int shard) {
    List<Appearance> stored = shards.get(shard).stream().map(Stored::appearance).toList();
    for (Appearance near : scans.get(shard).remove()) {
      (stored.contains(near) ? contaminated : forgottenMeanwhile).add(near);
    }
  }

  private void contaminate(
      String benchmark, Deque<Stored> stored, BiPredicate<String, String> near) {
    for (Stored image : stored) {
      if (near.test(image.appearance().imageId(), benchmark)) {
        contaminated.add(image.appearance());
      }
    }
  }

  private void askBenchmarks(
      Inquiry inquiry, Collection<String> known, BiPredicate<String, String> near) {
    if (known.stream().anyMatch(benchmark -> near.test(inquiry.imageId(), benchmark))) {
      contaminated.add(appearance(inquiry.imageId()));
    }
  }

  private void ask(Inquiry inquiry, Deque<Stored> stored, BiPredicate<String, String> near) {
    for (Stored other : stored) {
      if (near.test(inquiry.imageId(), other.appearance().imageId())) {
        pairs.add(new Pair(appearance(inquiry.imageId()), other.appearance()));
      }
    }
  }

  private void store(Inquiry inquiry, Deque<Stored> stored, Retention retention) {
    stored.add(new Stored(appearance(inquiry.imageId()), inquiry.ingestedMicros()));
    for (int i = 0; i < MOST_FORGOTTEN && isOver(stored, inquiry, retention); i++) {
      stored.remove();
    }
  }

  private static boolean isOver(Deque<Stored> stored, Inquiry newest, Retention retention) {
    long age = newest.ingestedMicros() - stored.element().ingestedMicros();
    return stored.size() > 1
        && ((retention.images() > 0 && stored.size() > retention.images())
            || (!retention.age().isZero() && age > retention.age().toNanos() / 1000));
  }

  void judged(Verdict verdict) {
    Appearance now = appearance(verdict.imageId());
    if (verdict.kind() == Verdict.Kind.RETURNED) {
      returned.add(new Pair(now, new Appearance(now.imageId(), now.number() - 1)));
    }
    judged.add(new Judged(now, verdict));
  }

  private Appearance appearance(String imageId) {
    return new Appearance(imageId, appearances.get(imageId));
  }
}
