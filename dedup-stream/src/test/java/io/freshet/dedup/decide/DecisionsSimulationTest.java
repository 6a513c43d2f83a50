package io.freshet.dedup.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.ArrayList;
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
      verifyComponents(crawl, outcomes, context);
      crashes += simulation.crashes();
      late += simulation.lateEmbeddings();
      outcomes.forEach(outcome -> method(outcome).ifPresent(methods::add));
    }
    assertTrue(crashes > SEEDS, "too few crashes: " + crashes);
    assertTrue(late > SEEDS / 10, "too few stand-ins: " + late);
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

  /** Components by union of the edges that duplicates name, independently of the fates. */
  private static void verifyComponents(Crawl crawl, List<Outcome> outcomes, String context) {
    Map<String, String> keeperOf = new HashMap<>();
    Set<String> keepers = new HashSet<>();
    for (Outcome outcome : outcomes) {
      String imageId = outcome.request().imageId();
      if (outcome instanceof Unique) {
        assertTrue(keepers.add(imageId), context + ": unique twice " + imageId);
        assertEquals(null, keeperOf.put(imageId, imageId), context);
      } else if (outcome instanceof Duplicate duplicate) {
        assertTrue(
            keepers.contains(duplicate.keptImageId()),
            context + ": kept image was not decided before its copy");
        String before = keeperOf.put(imageId, duplicate.keptImageId());
        assertTrue(
            before == null || before.equals(duplicate.keptImageId()),
            context + ": two components for " + imageId);
        assertTrue(
            before == null || duplicate.method() == DuplicateMethod.EXACT,
            context + ": decided again by " + duplicate.method());
      }
    }
    verifyNoNearPairOfKeepers(crawl, keepers, context);
  }

  /** Two keepers that both were embedded can't be near: the later would have seen the earlier. */
  private static void verifyNoNearPairOfKeepers(Crawl crawl, Set<String> keepers, String context) {
    List<String> all = new ArrayList<>(keepers);
    for (int i = 0; i < all.size(); i++) {
      for (int j = 0; j < i; j++) {
        double cosine =
            UnitVectors.dot(crawl.vectors.get(all.get(i)), crawl.vectors.get(all.get(j)));
        assertTrue(cosine <= COSINE, context + ": two keepers at cosine " + cosine);
        PixelHash a = crawl.pixelHashes.get(all.get(i));
        PixelHash b = crawl.pixelHashes.get(all.get(j));
        if (a.quality() >= 50 && b.quality() >= 50) {
          int bits = Dihedral.distance(BitCode.of(a.upright()), BitCode.of(b.upright()));
          assertTrue(bits > 31, context + ": two keepers at pixel hash distance " + bits);
        }
      }
    }
    if (crawl.broken.isEmpty()) {
      for (int i = 0; i < all.size(); i++) {
        for (int j = 0; j < i; j++) {
          int distance =
              Dihedral.distance(crawl.hashes.get(all.get(i)), crawl.hashes.get(all.get(j)));
          assertTrue(distance > 31, context + ": two keepers at distance " + distance);
        }
      }
    }
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
      int kind = requests.isEmpty() ? 0 : random.nextInt(6);
      String of = kind == 0 ? "" : requests.get(random.nextInt(requests.size())).imageId();
      switch (kind) {
        case 0 -> put(fresh, UnitVectors.random(DIM, random), Codes.random(random));
        case 1 -> fresh = of;
        case 2 -> put(fresh, UnitVectors.random(DIM, random), nearHash(of));
        case 3 -> put(fresh, nearVector(of), Codes.random(random));
        case 4 -> putPixelCopy(fresh, of);
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

    private BitCode nearHash(String of) {
      BitCode variant = Dihedral.variants(hashes.get(of))[random.nextInt(Dihedral.ORDER)];
      return Codes.flipAnywhere(variant, random.nextInt(32), random);
    }

    private float[] nearVector(String of) {
      return UnitVectors.atCosine(vectors.get(of), 0.91 + 0.09 * random.nextDouble(), random);
    }
  }
}
