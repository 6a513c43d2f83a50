package io.freshet.dedup.simulation;

import io.freshet.dedup.admit.Admission;
import io.freshet.dedup.candidate.Answer;
import io.freshet.dedup.candidate.BenchmarkScans;
import io.freshet.dedup.candidate.Fanout;
import io.freshet.dedup.candidate.HashRows;
import io.freshet.dedup.candidate.HashVisit;
import io.freshet.dedup.candidate.VectorCells;
import io.freshet.dedup.candidate.VectorVisit;
import io.freshet.dedup.component.ComponentTracker;
import io.freshet.dedup.embed.Embedding;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.gather.Gathered;
import io.freshet.dedup.gather.Gathering;
import io.freshet.dedup.hash.RowPair;
import io.freshet.dedup.judge.Judge;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.retire.Retirement;
import io.freshet.dedup.settle.Settlement;
import io.freshet.dedup.similarity.Background;
import io.freshet.dedup.similarity.CellRouter;
import io.freshet.dedup.similarity.CellSettings;
import io.freshet.dedup.similarity.CopyBound;
import io.freshet.dedup.similarity.Normalisation;
import io.freshet.dedup.similarity.ScannedBackground;
import io.freshet.dedup.similarity.ScannedFounders;
import io.freshet.dedup.similarity.VectorIndex;
import io.freshet.dedup.similarity.VectorIndex.Layout;
import io.freshet.dedup.state.Barriers;
import io.freshet.dedup.state.ImageIds;
import io.freshet.dedup.state.Retention;
import io.freshet.dedup.state.StampedIds;
import io.freshet.schemas.RejectionReason;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * The job without Flink: its state machines, and channels between their tasks that keep their own
 * order and nothing else. One seed fixes which channel moves next, when a checkpoint is taken, when
 * everything since the last one is lost, and over how many tasks the job runs after that.
 *
 * <p>Checkpoints are aligned: all that was read before the barrier has passed every task, so none
 * has a record in flight.
 */
final class DedupSimulation {
  private static final String SPACE = "simulated@1/x/l2";
  private static final int MOST_TASKS = 4;
  private static final int MOST_CRASHES = 8;

  /** All cells are probed, so the search loses nothing. */
  private static final CellSettings CELLS =
      new CellSettings(
          CellSettings.LEAST_ENTRIES, 64, 64, CellSettings.LARGEST_MARGIN, SimulatedCrawl.COSINE);

  private final SimulatedCrawl crawl;
  private final Normalisation normalisation;
  private final Retention retention;
  private final Random random;
  private final Map<Channel, Deque<Runnable>> channels = new LinkedHashMap<>();
  private SimulatedState state = new SimulatedState();
  private SimulatedState checkpoint = state.copy();
  private int tasks;
  private int crashes;
  private int lateEmbeddings;
  private Barriers barriers = new Barriers();

  private record Channel(String from, int fromTask, String to, int toTask) {}

  DedupSimulation(
      SimulatedCrawl crawl, Normalisation normalisation, Retention retention, Random random) {
    this.crawl = crawl;
    this.normalisation = normalisation;
    this.retention = retention;
    this.random = random;
    this.tasks = 1 + random.nextInt(MOST_TASKS);
  }

  /** Runs until nothing moves; what a reader of committed output sees. */
  SimulatedState run() {
    while (true) {
      int event = random.nextInt(400);
      if (event < 2 && crashes < MOST_CRASHES) {
        crash();
      } else if (event < 4) {
        checkpoint();
      } else if (event < 8) {
        barriers.completed(state.checkpoints);
      } else if (event < 24) {
        scan(random.nextInt(CellRouter.SHARDS));
      } else if (state.benchmarks < crawl.benchmarks.size() && random.nextInt(200) == 0) {
        register(crawl.benchmarks.get(state.benchmarks++));
      } else if (state.position < crawl.requests.size() && random.nextInt(20) == 0) {
        request(crawl.requests.get(state.position++));
      } else if (!deliver() && isAllRead() && isAllScanned()) {
        return state;
      }
    }
  }

  private boolean isAllRead() {
    return state.position == crawl.requests.size() && state.benchmarks == crawl.benchmarks.size();
  }

  private boolean isAllScanned() {
    return state.shards.stream().allMatch(shard -> shard.scans.size() == 0);
  }

  int crashes() {
    return crashes;
  }

  int lateEmbeddings() {
    return lateEmbeddings;
  }

  private void checkpoint() {
    drain();
    state.checkpoints++;
    barriers.passed(state.checkpoints);
    checkpoint = state.copy();
  }

  private void crash() {
    crashes++;
    state = checkpoint.copy();
    channels.clear();
    barriers = new Barriers();
    barriers.restored(state.checkpoints);
    tasks = 1 + random.nextInt(MOST_TASKS);
  }

  private void drain() {
    while (deliver()) {
      // The barrier waits for what was read before it.
    }
  }

  private boolean deliver() {
    List<Deque<Runnable>> waiting =
        channels.values().stream().filter(channel -> !channel.isEmpty()).toList();
    if (waiting.isEmpty()) {
      return false;
    }
    waiting.get(random.nextInt(waiting.size())).remove().run();
    return true;
  }

  private void send(String from, int fromTask, String to, int toTask, Runnable delivery) {
    Channel channel = new Channel(from, fromTask, to, toTask);
    channels.computeIfAbsent(channel, name -> new ArrayDeque<>()).add(delivery);
  }

  private int task(Object key) {
    return Math.floorMod(key.hashCode(), tasks);
  }

  private void request(Request request) {
    int part = Math.floorMod(request.imageId().hashCode(), SimulatedState.PARTS);
    SimulatedState.Part tables = state.parts.get(part);
    Retirement retirement =
        new Retirement(
            tables.lastRequested, tables.turns, retention.shareOf(SimulatedState.PARTS), barriers);
    String imageId = request.imageId();
    send("retirement", task(part), "identity", task(imageId), () -> identify(request));
    for (String over : retirement.accept(imageId, micros(request))) {
      send("retirement", task(part), "identity", task(over), () -> forget(over));
    }
  }

  private static long micros(Request request) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, request.image().getIngestedAt());
  }

  private void forget(String imageId) {
    state.seen.remove(imageId);
    int task = task(imageId);
    send("identity", task, "admit", task, () -> admission().forget(imageId));
  }

  private void identify(Request request) {
    int task = task(request.imageId());
    if (state.seen.get(request.imageId()).isPresent()) {
      send("identity", task, "admit", task, () -> admission().accept(request));
    } else {
      state.seen.put(request.imageId(), true);
      int embedder = random.nextInt(tasks);
      send("identity", task, "embed", embedder, () -> embedded(embedder, request));
    }
  }

  private void embedded(int embedder, Request request) {
    Embedding embedding = embed(request);
    send("embed", embedder, "admit", task(request.imageId()), () -> admission().accept(embedding));
  }

  private Embedding embed(Request request) {
    if (crawl.brokenRequests.contains(request.image().getRequestId())) {
      return new Unreadable(request, RejectionReason.BLOB_MISSING, "simulated");
    }
    String imageId = request.imageId();
    return new Embedded(request, SPACE, crawl.vectors.get(imageId), crawl.hashes.get(imageId));
  }

  private Embedding embedLate(Request request) {
    lateEmbeddings++;
    return embed(request);
  }

  // New objects for each record: what they forget to keep in their tables shows at once.

  private Admission admission() {
    return new Admission(
        state.readable,
        state.renewed,
        state.waiting,
        this::embedLate,
        new Admission.Sink() {
          @Override
          public void admitted(Embedded embedded) {
            int task = task(embedded.request().imageId());
            send("admit", task, "sequence", 0, () -> sequence(embedded));
            send("admit", task, "settle", task, () -> settlement().accept(embedded));
          }

          @Override
          public void copy(Request request) {
            int task = task(request.imageId());
            send("admit", task, "settle", task, () -> settlement().accept(request));
          }

          @Override
          public void refused(Unreadable unreadable) {
            state.refused.add(unreadable);
          }

          @Override
          public void forgotten(String imageId) {
            int task = task(imageId);
            send("admit", task, "settle", task, () -> settlement().forget(imageId));
          }
        });
  }

  private void sequence(Embedded embedded) {
    Fanout.Visits visits = fanout().visits(List.of(embedded), image -> false).get(0);
    state.sequence.add(embedded.request().imageId());
    state.oracle.sequenced(embedded.request().imageId());
    state.excess.put(embedded.request().imageId(), visits.toCells().get(0).excess());
    send(visits);
  }

  private void register(Request benchmark) {
    Embedded embedded = (Embedded) embed(benchmark);
    send(
        "benchmarks",
        task(benchmark.imageId()),
        "sequence",
        0,
        () -> send(fanout().benchmarkVisits(embedded)));
  }

  private Fanout fanout() {
    return new Fanout(
        new CellRouter(state.founders, state.arrivals, CELLS, new ScannedFounders()),
        normalisation.isOn() ? Optional.of(background()) : Optional.empty(),
        SimulatedCrawl.HASH_QUALITY);
  }

  private Background background() {
    return new Background(
        state.background, normalisation, SimulatedCrawl.COSINE, new ScannedBackground());
  }

  private void send(Fanout.Visits visits) {
    for (VectorVisit visit : visits.toCells()) {
      send("sequence", 0, "cells", task(visit.shard()), () -> visit(visit));
    }
    for (HashVisit visit : visits.toRows()) {
      send("sequence", 0, "rows", task(visit.pair()), () -> visit(visit));
    }
  }

  private void visit(VectorVisit visit) {
    VectorCells cells = cells(visit.shard());
    state.oracle.visitShard(visit, retention.shareOf(CellRouter.SHARDS), crawl);
    answer("cells", task(visit.shard()), cells.accept(visit));
  }

  private void scan(int shard) {
    VectorCells cells = cells(shard);
    if (cells.isScanning()) {
      int before = state.shards.get(shard).scans.size();
      cells.scan().ifPresent(answer -> answer("cells", task(shard), answer));
      if (state.shards.get(shard).scans.size() < before) {
        state.oracle.scanned(shard);
      }
    }
  }

  private VectorCells cells(int number) {
    SimulatedState.Shard shard = state.shards.get(number);
    return new VectorCells(
        new VectorIndex(
            shard.blocks,
            shard.vectors,
            retention.shareOf(CellRouter.SHARDS),
            normalisation.isOn() ? Layout.WITH_EXCESS : Layout.PLAIN),
        new VectorIndex(shard.benchmarkBlocks, shard.benchmarkVectors, Retention.ALL, Layout.PLAIN),
        new BenchmarkScans(shard.scans, shard.scanNumbers, 1),
        new CopyBound(SimulatedCrawl.COSINE, normalisation.weight()),
        SimulatedCrawl.BENCHMARK_COSINE,
        forgotten -> {});
  }

  private void visit(HashVisit visit) {
    SimulatedState.RowTables tables = state.rows.get(visit.pair());
    RowPair rows =
        new RowPair(
            visit.pair(),
            tables.buckets,
            tables.hashes,
            new ImageIds(tables.imageIds, retention),
            SimulatedCrawl.HASH_DISTANCE);
    if (visit.pair() == 0) {
      state.oracle.visitRow(visit.inquiry(), retention, crawl);
    }
    answer("rows", task(visit.pair()), new HashRows(rows, forgotten -> {}).accept(visit));
  }

  private void answer(String from, int fromTask, Answer answer) {
    int task = task(answer.inquiry().imageId());
    send(
        from,
        fromTask,
        "gather",
        task,
        () ->
            new Gathering(state.partials)
                .accept(answer)
                .ifPresent(image -> send("gather", task, "components", 0, () -> decide(image))));
  }

  private void decide(Gathered image) {
    ComponentTracker tracker =
        new ComponentTracker(
            state.nodes,
            state.undecided,
            new StampedIds(state.unnamed),
            barriers,
            () -> state.oracle.forgotten++,
            verdict -> {
              state.oracle.judged(verdict);
              send(
                  "components",
                  0,
                  "settle",
                  task(verdict.imageId()),
                  () -> settlement().accept(verdict));
            });
    new Judge(tracker).accept(image);
  }

  private Settlement settlement() {
    return new Settlement(
        state.pending,
        state.copies,
        state.fates,
        state.renewedFates,
        new Settlement.Bounds(
            SimulatedCrawl.HASH_DISTANCE, SimulatedCrawl.COSINE, SimulatedCrawl.BENCHMARK_COSINE),
        state.outcomes::add,
        state.retracted::add);
  }
}
