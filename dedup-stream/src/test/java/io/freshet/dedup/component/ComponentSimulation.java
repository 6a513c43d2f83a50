package io.freshet.dedup.component;

import io.freshet.dedup.state.Barriers;
import io.freshet.dedup.state.StampedIds;
import io.freshet.dedup.testing.MapTable;
import io.freshet.schemas.DuplicateMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The tracker behind channels that reorder. One seed fixes the graph of copies, which edges travel
 * with an image and which come late or twice, which channel moves next, when a checkpoint is taken,
 * when everything since the last one is lost, and to how many channels the job is rescaled then.
 */
final class ComponentSimulation {
  private static final int MOST_CHANNELS = 4;
  private static final int MOST_CRASHES = 6;

  private final Random random;
  private final List<Long> ingestedMicros = new ArrayList<>();
  private final List<Edge> edges = new ArrayList<>();
  private World world;
  private World checkpoint;
  private int crashes;
  private int late;

  /** Two images that are copies. */
  record Edge(int a, int b) {}

  /** What moves through a channel: an image that is due, or an edge. */
  private sealed interface Message {
    record Due(int image, List<Edge> known) implements Message {}

    record Found(Edge edge) implements Message {}
  }

  /** Something the tracker did, with the edges that it knew by then. */
  record Step(Verdict verdict, List<Edge> known) {}

  /** Everything that a checkpoint holds: messages in flight, state, committed output. */
  private static final class World {
    List<List<Message>> channels = new ArrayList<>();
    MapTable<String, ComponentNode> nodes = new MapTable<>();
    MapTable<String, Evidence> undecided = new MapTable<>();
    List<Edge> known = new ArrayList<>();
    List<Step> steps = new ArrayList<>();

    World copy() {
      World copy = new World();
      channels.forEach(channel -> copy.channels.add(new ArrayList<>(channel)));
      copy.nodes = nodes.copy();
      copy.undecided = undecided.copy();
      copy.known = new ArrayList<>(known);
      copy.steps = new ArrayList<>(steps);
      return copy;
    }
  }

  ComponentSimulation(long seed) {
    random = new Random(seed);
    int images = 2 + random.nextInt(30);
    for (int image = 0; image < images; image++) {
      ingestedMicros.add((long) random.nextInt(images));
    }
    int pairs = random.nextInt(2 * images);
    for (int i = 0; i < pairs; i++) {
      int a = random.nextInt(images);
      int b = random.nextInt(images);
      if (a != b) {
        edges.add(new Edge(a, b));
      }
    }
    world = new World();
    fillChannels();
    checkpoint = world.copy();
  }

  /** Runs until nothing moves; what the tracker did, as a committed reader sees it. */
  List<Step> run() {
    while (world.channels.stream().anyMatch(channel -> !channel.isEmpty())) {
      int event = random.nextInt(100);
      if (event < 6 && crashes < MOST_CRASHES) {
        crashes++;
        world = checkpoint.copy();
        rescale();
      } else if (event < 15) {
        checkpoint = world.copy();
      } else {
        deliver();
      }
    }
    return world.steps;
  }

  List<Edge> edges() {
    return edges;
  }

  List<Long> ingestedMicros() {
    return ingestedMicros;
  }

  int crashes() {
    return crashes;
  }

  /** Edges that an image's verdict did not wait for. */
  int late() {
    return late;
  }

  int undecidedLeft() {
    return world.undecided.size();
  }

  static String imageId(int image) {
    return "image-%02d".formatted(image);
  }

  private void fillChannels() {
    openChannels();
    List<List<Edge>> travelling = new ArrayList<>();
    ingestedMicros.forEach(image -> travelling.add(new ArrayList<>()));
    for (Edge edge : edges) {
      boolean isLate = random.nextInt(3) == 0;
      late += isLate ? 1 : 0;
      if (!isLate) {
        travelling.get(random.nextBoolean() ? edge.a() : edge.b()).add(edge);
      }
      if (isLate || random.nextInt(5) == 0) {
        insert(new Message.Found(edge));
      }
    }
    for (int image = 0; image < travelling.size(); image++) {
      insert(new Message.Due(image, travelling.get(image)));
    }
  }

  private void insert(Message message) {
    List<Message> channel = world.channels.get(random.nextInt(world.channels.size()));
    channel.add(random.nextInt(channel.size() + 1), message);
  }

  /** What was in flight is dealt to another number of channels. */
  private void rescale() {
    List<Message> inFlight = world.channels.stream().flatMap(List::stream).toList();
    openChannels();
    inFlight.forEach(this::insert);
  }

  private void openChannels() {
    int channels = 1 + random.nextInt(MOST_CHANNELS);
    world.channels = new ArrayList<>();
    for (int i = 0; i < channels; i++) {
      world.channels.add(new ArrayList<>());
    }
  }

  private void deliver() {
    List<List<Message>> waiting =
        world.channels.stream().filter(channel -> !channel.isEmpty()).toList();
    Message message = waiting.get(random.nextInt(waiting.size())).remove(0);
    // A new object for each message: what it forgets to keep in its tables shows at once.
    ComponentTracker tracker =
        new ComponentTracker(
            world.nodes,
            world.undecided,
            new StampedIds(new MapTable<>()),
            new Barriers(),
            () -> {},
            verdict -> world.steps.add(new Step(verdict, List.copyOf(world.known))));
    if (message instanceof Message.Due due) {
      due.known().forEach(edge -> join(tracker, edge));
      tracker.decide(imageId(due.image()), ingestedMicros.get(due.image()));
    } else if (message instanceof Message.Found found) {
      join(tracker, found.edge());
    }
  }

  private void join(ComponentTracker tracker, Edge edge) {
    world.known.add(edge);
    float cosine = 0.6f + 0.4f * random.nextFloat();
    tracker.join(
        imageId(edge.a()), imageId(edge.b()), new Evidence(DuplicateMethod.COPY_EMBEDDING, cosine));
  }
}
