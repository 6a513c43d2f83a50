package io.freshet.dedup.simulation;

import io.freshet.dedup.candidate.BenchmarkScans;
import io.freshet.dedup.component.ComponentNode;
import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.gather.Partial;
import io.freshet.dedup.hash.RowPair;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.settle.Fate;
import io.freshet.dedup.settle.Outcome;
import io.freshet.dedup.similarity.CellRouter;
import io.freshet.dedup.testing.MapTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Everything that a checkpoint holds: the places in the sources, each table, the output so far. */
final class SimulatedState {
  static final int PARTS = 3;
  private static final int SHARDS = CellRouter.SHARDS;

  int position;
  int benchmarks;
  long checkpoints;
  List<Part> parts = new ArrayList<>();
  MapTable<String, Boolean> seen = new MapTable<>();
  MapTable<String, Boolean> readable = new MapTable<>();
  MapTable<String, Boolean> renewed = new MapTable<>();
  MapTable<String, List<Request>> waiting = new MapTable<>();
  MapTable<Integer, byte[]> founders = new MapTable<>();
  MapTable<Integer, Integer> arrivals = new MapTable<>();
  MapTable<Integer, byte[]> background = new MapTable<>();

  /** Images in the order of the sequence, and the excess that each left it with. */
  List<String> sequence = new ArrayList<>();

  Map<String, Float> excess = new HashMap<>();
  List<Shard> shards = new ArrayList<>();
  List<RowTables> rows = new ArrayList<>();
  MapTable<String, Partial> partials = new MapTable<>();
  MapTable<String, ComponentNode> nodes = new MapTable<>();
  MapTable<String, Evidence> undecided = new MapTable<>();
  MapTable<Long, String> unnamed = new MapTable<>();
  MapTable<String, Embedded> pending = new MapTable<>();
  MapTable<String, List<Request>> copies = new MapTable<>();
  MapTable<String, Fate> fates = new MapTable<>();
  MapTable<String, Boolean> renewedFates = new MapTable<>();
  RetentionOracle oracle = new RetentionOracle();
  List<Outcome> outcomes = new ArrayList<>();
  List<Unreadable> refused = new ArrayList<>();
  List<Verdict> retracted = new ArrayList<>();

  /** Of the requests. */
  static final class Part {
    MapTable<String, Long> lastRequested = new MapTable<>();
    MapTable<Integer, String> turns = new MapTable<>();

    Part copy() {
      Part copy = new Part();
      copy.lastRequested = lastRequested.copy();
      copy.turns = turns.copy();
      return copy;
    }
  }

  /** Of the vector cells. */
  static final class Shard {
    MapTable<Long, byte[]> blocks = new MapTable<>();
    MapTable<Integer, byte[]> vectors = new MapTable<>();
    MapTable<Long, byte[]> benchmarkBlocks = new MapTable<>();
    MapTable<Integer, byte[]> benchmarkVectors = new MapTable<>();
    MapTable<Integer, BenchmarkScans.Scan> scans = new MapTable<>();
    MapTable<Integer, Integer> scanNumbers = new MapTable<>();

    Shard copy() {
      Shard copy = new Shard();
      copy.blocks = blocks.copy();
      copy.vectors = vectors.copy();
      copy.benchmarkBlocks = benchmarkBlocks.copy();
      copy.benchmarkVectors = benchmarkVectors.copy();
      copy.scans = scans.copy();
      copy.scanNumbers = scanNumbers.copy();
      return copy;
    }
  }

  /** Of the hash index. */
  static final class RowTables {
    MapTable<Long, byte[]> buckets = new MapTable<>();
    MapTable<Integer, byte[]> hashes = new MapTable<>();
    MapTable<Integer, String> imageIds = new MapTable<>();

    RowTables copy() {
      RowTables copy = new RowTables();
      copy.hashes = hashes.copy();
      copy.buckets = buckets.copy();
      copy.imageIds = imageIds.copy();
      return copy;
    }
  }

  SimulatedState() {
    for (int i = 0; i < PARTS; i++) {
      parts.add(new Part());
    }
    for (int i = 0; i < SHARDS; i++) {
      shards.add(new Shard());
    }
    for (int i = 0; i < RowPair.PAIRS; i++) {
      rows.add(new RowTables());
    }
  }

  SimulatedState copy() {
    SimulatedState copy = new SimulatedState();
    copy.position = position;
    copy.benchmarks = benchmarks;
    copy.checkpoints = checkpoints;
    copy.parts = parts.stream().map(Part::copy).toList();
    copy.seen = seen.copy();
    copy.renewed = renewed.copy();
    copy.unnamed = unnamed.copy();
    copy.renewedFates = renewedFates.copy();
    copy.oracle = oracle.copy();
    copy.readable = readable.copy();
    copy.waiting = waiting.copy();
    copy.founders = founders.copy();
    copy.arrivals = arrivals.copy();
    copy.background = background.copy();
    copy.sequence = new ArrayList<>(sequence);
    copy.excess = new HashMap<>(excess);
    copy.shards = shards.stream().map(Shard::copy).toList();
    copy.rows = rows.stream().map(RowTables::copy).toList();
    copy.partials = partials.copy();
    copy.nodes = nodes.copy();
    copy.undecided = undecided.copy();
    copy.pending = pending.copy();
    copy.copies = copies.copy();
    copy.fates = fates.copy();
    copy.outcomes = new ArrayList<>(outcomes);
    copy.refused = new ArrayList<>(refused);
    copy.retracted = new ArrayList<>(retracted);
    return copy;
  }

  /** Records that wait for something that never came. */
  int unfinished() {
    return waiting.size()
        + partials.size()
        + undecided.size()
        + pending.size()
        + copies.size()
        + renewed.size()
        + renewedFates.size();
  }
}
