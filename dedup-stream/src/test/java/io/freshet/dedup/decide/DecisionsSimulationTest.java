package io.freshet.dedup.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.decide.Outcome.Duplicate;
import io.freshet.dedup.decide.Outcome.Refused;
import io.freshet.dedup.decide.Outcome.Unique;
import io.freshet.dedup.embed.PixelHash;
import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.hash.Codes;
import io.freshet.dedup.hash.Dihedral;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.similarity.UnitVectors;
import io.freshet.dedup.testing.Requests;
import io.freshet.schemas.DuplicateMethod;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Many seeded histories with reorderings, crashes and lost bytes; the seed is in each message. */
class DecisionsSimulationTest {
  private static final int SEEDS = 200;
  private static final int DIM = 32;
  private static final double COSINE = 0.9;
  private static final int REQUESTS = 60;

  @Test
  void eachRequestEndsOnceAndEachComponentKeepsOne() {
    int crashes = 0;
    int late = 0;
    int retractions = 0;
    Set<DuplicateMethod> methods = new HashSet<>();
    for (long seed = 0; seed < SEEDS; seed++) {
      Crawl crawl = new Crawl(new Random(seed));
      StreamSimulation simulation =
          new StreamSimulation(
              crawl.requests,
              crawl.vectors,
              crawl.pixelHashes,
              crawl.broken,
              COSINE,
              new Random(~seed));
      List<Outcome> outcomes = simulation.run();
      String context = "seed " + seed;
      assertEquals(0, simulation.stillWaiting(), context + ": copies that wait for ever");
      verifyConservation(crawl, outcomes, context);
      retractions += verifyComponents(crawl, simulation, outcomes, context);
      crashes += simulation.crashes();
      late += simulation.lateEmbeddings();
      outcomes.forEach(outcome -> method(outcome).ifPresent(methods::add));
    }
    assertTrue(crashes > SEEDS, "too few crashes: " + crashes);
    assertTrue(late > SEEDS / 10, "too few stand-ins: " + late);
    assertTrue(retractions > SEEDS / 10, "too few retractions: " + retractions);
    assertEquals(
        Set.of(DuplicateMethod.EXACT, DuplicateMethod.HASH, DuplicateMethod.COPY_EMBEDDING),
        methods);
  }

  private static void verifyConservation(Crawl crawl, List<Outcome> outcomes, String context) {
    Set<String> ended = new HashSet<>();
    for (Outcome outcome : outcomes) {
      String requestId = outcome.request().image().getRequestId();
      assertTrue(ended.add(requestId), context + ": a second outcome of " + requestId);
      boolean broken = crawl.broken.contains(requestId);
      assertTrue(broken || !(outcome instanceof Refused), context + ": refused " + requestId);
      assertTrue(!broken || !(outcome instanceof Unique), context + ": no bytes " + requestId);
    }
    assertEquals(crawl.requests.size(), ended.size(), context);
  }

  /** Components by flooding all edges that were there to find, without the union-find. */
  private static int verifyComponents(
      Crawl crawl, StreamSimulation simulation, List<Outcome> outcomes, String context) {
    Set<String> kept = new HashSet<>();
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Unique) {
        assertTrue(kept.add(outcome.request().imageId()), context + ": unique twice");
      }
    }
    Map<String, Set<String>> copies = copies(crawl, simulation);
    for (Verdict.Retracted retracted : simulation.retracted()) {
      assertTrue(kept.remove(retracted.imageId()), context + ": retracted what was not kept");
      Set<String> component = component(retracted.imageId(), copies);
      assertTrue(component.contains(retracted.keptImageId()), context + ": needless retraction");
    }
    Set<String> left = new HashSet<>(simulation.embedded());
    while (!left.isEmpty()) {
      Set<String> component = component(left.iterator().next(), copies);
      left.removeAll(component);
      assertEquals(1, component.stream().filter(kept::contains).count(), context);
    }
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Duplicate duplicate) {
        Set<String> component = component(outcome.request().imageId(), copies);
        assertTrue(component.contains(duplicate.keptImageId()), context + ": another's keeper");
      }
    }
    return simulation.retracted().size();
  }

  private static Set<String> component(String imageId, Map<String, Set<String>> copies) {
    Set<String> reached = new HashSet<>(Set.of(imageId));
    Deque<String> border = new ArrayDeque<>(reached);
    while (!border.isEmpty()) {
      for (String next : copies.getOrDefault(border.remove(), Set.of())) {
        if (reached.add(next)) {
          border.add(next);
        }
      }
    }
    return reached;
  }

  private static Map<String, Set<String>> copies(Crawl crawl, StreamSimulation simulation) {
    Map<String, Set<String>> copies = new HashMap<>();
    simulation.screenedCopies().forEach(copy -> join(copies, copy.request().imageId(), copy.of()));
    List<String> embedded = List.copyOf(simulation.embedded());
    for (int i = 0; i < embedded.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (crawl.areNear(embedded.get(i), embedded.get(j))) {
          join(copies, embedded.get(i), embedded.get(j));
        }
      }
    }
    return copies;
  }

  private static void join(Map<String, Set<String>> copies, String a, String b) {
    copies.computeIfAbsent(a, image -> new HashSet<>()).add(b);
    copies.computeIfAbsent(b, image -> new HashSet<>()).add(a);
  }

  private static Optional<DuplicateMethod> method(Outcome outcome) {
    return outcome instanceof Duplicate duplicate
        ? Optional.of(duplicate.method())
        : Optional.empty();
  }

  /** Originals and copies of every kind, chains among them; every third crawl has lost bytes. */
  private static final class Crawl {
    final List<Request> requests = new ArrayList<>();
    final Map<String, float[]> vectors = new HashMap<>();
    final Map<String, BitCode> hashes = new HashMap<>();
    final Map<String, PixelHash> pixelHashes = new HashMap<>();
    final Set<String> broken = new HashSet<>();
    private final List<float[]> relatives = new ArrayList<>();
    private final Random random;

    Crawl(Random random) {
      this.random = random;
      boolean losesBytes = random.nextInt(3) == 0;
      for (int number = 0; number < REQUESTS; number++) {
        Request request = next(number);
        requests.add(request);
        if (losesBytes && random.nextInt(3) == 0) {
          broken.add(request.image().getRequestId());
        }
      }
    }

    private Request next(int number) {
      String fresh = Requests.imageId(number + 1);
      int kind = requests.isEmpty() ? 0 : random.nextInt(8);
      String of = kind == 0 ? "" : requests.get(random.nextInt(requests.size())).imageId();
      switch (kind) {
        case 0 -> put(fresh, UnitVectors.random(DIM, random), Codes.random(random));
        case 1 -> fresh = of;
        case 2 -> put(fresh, UnitVectors.random(DIM, random), nearHash(of));
        case 3 -> put(fresh, nearVector(of), Codes.random(random));
        case 4 -> putPixelCopy(fresh, of);
        case 5 -> put(fresh, relative(of), Codes.random(random));
        case 6 -> put(fresh, bridge(), Codes.random(random));
        default -> put(fresh, nearVector(of), nearHash(of));
      }
      return Requests.request(number, fresh, hashes.get(fresh), 90);
    }

    private void put(String imageId, float[] vector, BitCode hash) {
      vectors.put(imageId, vector);
      hashes.put(imageId, hash);
      put(imageId, Codes.random(random), Codes.random(random), random.nextInt(100));
    }

    private void put(String imageId, BitCode upright, BitCode mirrored, int quality) {
      pixelHashes.put(
          imageId, new PixelHash(Requests.bytes(upright), Requests.bytes(mirrored), quality));
    }

    /** Only its pixel hash tells it, as it stands or mirrored. */
    private void putPixelCopy(String imageId, String of) {
      put(imageId, UnitVectors.random(DIM, random), Codes.random(random));
      BitCode upright = BitCode.of(pixelHashes.get(of).upright());
      BitCode near = Codes.flipAnywhere(upright, random.nextInt(32), random);
      boolean mirrored = random.nextBoolean();
      put(
          imageId,
          mirrored ? Codes.random(random) : near,
          mirrored ? near : Codes.random(random),
          pixelHashes.get(of).quality());
    }

    boolean areNear(String a, String b) {
      return UnitVectors.dot(vectors.get(a), vectors.get(b)) > COSINE
          || areNear(pixelHashes.get(a), pixelHashes.get(b));
    }

    private static boolean areNear(PixelHash a, PixelHash b) {
      return Math.min(a.quality(), b.quality()) >= 50
          && (areNear(a.upright(), b.upright())
              || areNear(a.upright(), b.mirrored())
              || areNear(a.mirrored(), b.upright())
              || areNear(a.mirrored(), b.mirrored()));
    }

    private static boolean areNear(byte[] a, byte[] b) {
      return Dihedral.distance(BitCode.of(a), BitCode.of(b)) <= 31;
    }

    /** Too far to be a copy, near enough that {@link #bridge} is a copy of both. */
    private float[] relative(String of) {
      float[] relative = UnitVectors.atCosine(vectors.get(of), 0.85, random);
      relatives.add(vectors.get(of));
      relatives.add(relative);
      return relative;
    }

    private float[] bridge() {
      if (relatives.isEmpty()) {
        return UnitVectors.random(DIM, random);
      }
      int pair = random.nextInt(relatives.size() / 2);
      return UnitVectors.between(relatives.get(2 * pair), relatives.get(2 * pair + 1));
    }

    private BitCode nearHash(String of) {
      BitCode variant = Dihedral.variants(hashes.get(of))[random.nextInt(Dihedral.ORDER)];
      return Codes.flipAnywhere(variant, random.nextInt(32), random);
    }

    private float[] nearVector(String of) {
      return UnitVectors.atCosine(vectors.get(of), 0.91 + 0.09 * random.nextDouble(), random);
    }
  }
}
