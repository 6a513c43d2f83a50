package io.freshet.dedup.decide;

import io.freshet.dedup.component.ComponentNode;
import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.embed.Embedding;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.embed.PixelHash;
import io.freshet.dedup.hash.HashIndex;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.screen.Screened;
import io.freshet.dedup.screen.Screened.Copy;
import io.freshet.dedup.screen.Screening;
import io.freshet.dedup.similarity.VectorIndex;
import io.freshet.dedup.state.ImageIds;
import io.freshet.dedup.testing.MapTable;
import io.freshet.schemas.RejectionReason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * The job without Flink: screening, embedders that take their time, decisions. One seed fixes which
 * channel moves next, when a checkpoint is taken and when everything since the last one is lost.
 */
final class StreamSimulation {
  private static final String SPACE = "simulated@1/x/l2";
  private static final int EMBEDDERS = 3;

  private final List<Request> source;
  private final Map<String, float[]> pixels;
  private final Map<String, PixelHash> hashes;
  private final Set<String> brokenRequests;
  private final double cosine;
  private final Random random;

  private World world = new World();
  private Checkpoint checkpoint = new Checkpoint(0, world.copy());
  private int position;
  private int crashes;
  private int lateEmbeddings;

  /** Everything that a checkpoint holds. */
  private static final class World {
    MapTable<String, Boolean> seen = new MapTable<>();
    MapTable<Integer, String> hashIds = new MapTable<>();
    MapTable<Long, byte[]> buckets = new MapTable<>();
    MapTable<String, ComponentNode> nodes = new MapTable<>();
    MapTable<String, Evidence> undecided = new MapTable<>();
    MapTable<String, Boolean> lost = new MapTable<>();
    MapTable<String, List<Copy>> waiting = new MapTable<>();
    MapTable<Long, byte[]> sketches = new MapTable<>();
    MapTable<Integer, byte[]> vectors = new MapTable<>();
    MapTable<Long, byte[]> pixelHashes = new MapTable<>();
    MapTable<Integer, String> embeddedIds = new MapTable<>();
    Deque<Copy> copies = new ArrayDeque<>();
    List<Deque<Request>> embedders = new ArrayList<>();
    List<Outcome> committed = new ArrayList<>();
    List<Verdict.Retracted> retracted = new ArrayList<>();
    List<Copy> screenedCopies = new ArrayList<>();
    Set<String> embedded = new HashSet<>();

    World() {
      for (int i = 0; i < EMBEDDERS; i++) {
        embedders.add(new ArrayDeque<>());
      }
    }

    World copy() {
      World copy = new World();
      copy.seen = seen.copy();
      copy.hashIds = hashIds.copy();
      copy.buckets = buckets.copy();
      copy.nodes = nodes.copy();
      copy.undecided = undecided.copy();
      copy.lost = lost.copy();
      copy.waiting = waiting.copy();
      copy.sketches = sketches.copy();
      copy.vectors = vectors.copy();
      copy.pixelHashes = pixelHashes.copy();
      copy.embeddedIds = embeddedIds.copy();
      copy.copies = new ArrayDeque<>(copies);
      copy.embedders = new ArrayList<>();
      embedders.forEach(queue -> copy.embedders.add(new ArrayDeque<>(queue)));
      copy.committed = new ArrayList<>(committed);
      copy.retracted = new ArrayList<>(retracted);
      copy.screenedCopies = new ArrayList<>(screenedCopies);
      copy.embedded = new HashSet<>(embedded);
      return copy;
    }
  }

  private record Checkpoint(int position, World world) {}

  /**
   * @param source requests in the order in which ingest wrote them
   * @param pixels the embedding of each image_id
   * @param hashes the pixel hash of each image_id
   * @param brokenRequests request_ids whose stored bytes are lost
   */
  StreamSimulation(
      List<Request> source,
      Map<String, float[]> pixels,
      Map<String, PixelHash> hashes,
      Set<String> brokenRequests,
      double cosine,
      Random random) {
    this.source = source;
    this.pixels = pixels;
    this.hashes = hashes;
    this.brokenRequests = brokenRequests;
    this.cosine = cosine;
    this.random = random;
  }

  /** Runs until nothing moves; the outcomes in the order in which they were decided. */
  List<Outcome> run() {
    while (true) {
      int event = random.nextInt(100);
      if (event < 2 && crashes < 20) {
        crashes++;
        position = checkpoint.position();
        world = checkpoint.world().copy();
      } else if (event < 8) {
        checkpoint = new Checkpoint(position, world.copy());
      } else if (!advance()) {
        return world.committed;
      }
    }
  }

  /** Unique images that were withdrawn, in order. */
  List<Verdict.Retracted> retracted() {
    return world.retracted;
  }

  /** What screening told. */
  List<Copy> screenedCopies() {
    return world.screenedCopies;
  }

  /** Images whose vectors and pixel hashes are compared with each other. */
  Set<String> embedded() {
    return world.embedded;
  }

  int crashes() {
    return crashes;
  }

  int lateEmbeddings() {
    return lateEmbeddings;
  }

  int stillWaiting() {
    return world.waiting.size();
  }

  private boolean advance() {
    List<Runnable> moves = new ArrayList<>();
    if (position < source.size()) {
      moves.add(() -> screen(source.get(position++)));
    }
    if (!world.copies.isEmpty()) {
      moves.add(() -> decisions().accept(world.copies.remove()));
    }
    for (Deque<Request> embedder : world.embedders) {
      if (!embedder.isEmpty()) {
        moves.add(() -> decisions().accept(embed(embedder.remove())));
      }
    }
    if (moves.isEmpty()) {
      return false;
    }
    moves.get(random.nextInt(moves.size())).run();
    return true;
  }

  private void screen(Request request) {
    Screening screening =
        new Screening(
            world.seen, new ImageIds(world.hashIds), new HashIndex(world.buckets, 31), 50);
    Screened screened = screening.screen(request);
    if (screened instanceof Copy copy) {
      world.copies.add(copy);
      world.screenedCopies.add(copy);
    } else {
      world.embedders.get(random.nextInt(EMBEDDERS)).add(request);
    }
  }

  private Embedding embed(Request request) {
    if (brokenRequests.contains(request.image().getRequestId())) {
      return new Unreadable(request, RejectionReason.BLOB_MISSING, "simulated");
    }
    world.embedded.add(request.imageId());
    return new Embedded(
        request, SPACE, pixels.get(request.imageId()), hashes.get(request.imageId()));
  }

  private Embedding embedLate(Request request) {
    lateEmbeddings++;
    return embed(request);
  }

  /** A new object for each event: what it forgets to keep in its tables shows at once. */
  private Decisions decisions() {
    DecisionState state =
        new DecisionState(
            world.nodes,
            world.undecided,
            world.lost,
            world.waiting,
            new VectorIndex(world.sketches, world.vectors, cosine, 0, 0),
            new HashIndex(world.pixelHashes, 31),
            new ImageIds(world.embeddedIds));
    return new Decisions(
        state,
        new Decisions.Thresholds(31, 50, cosine),
        this::embedLate,
        world.committed::add,
        world.retracted::add);
  }
}
