package io.freshet.dedup.simulation;

import io.freshet.dedup.component.Benchmark;
import io.freshet.dedup.embed.PixelHash;
import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.hash.Codes;
import io.freshet.dedup.hash.Dihedral;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.similarity.UnitVectors;
import io.freshet.dedup.testing.Requests;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Originals and copies of every kind, chains and bridges among them; every third crawl has lost
 * bytes.
 */
final class SimulatedCrawl {
  static final double COSINE = 0.9;
  static final double BENCHMARK_COSINE = 0.83;
  static final int HASH_DISTANCE = 31;
  static final int HASH_QUALITY = 50;

  /** Of a crawl in which nothing is forgotten. */
  static final int REQUESTS = 40;

  private static final int DIM = 32;

  final List<Request> requests = new ArrayList<>();
  final Map<String, float[]> vectors = new HashMap<>();
  final Map<String, List<PixelHash>> hashes = new HashMap<>();

  /** Benchmarks that are registered on the way, under their names. */
  final List<Request> benchmarks = new ArrayList<>();

  final Set<String> brokenRequests = new HashSet<>();
  private final List<float[]> relatives = new ArrayList<>();
  private final Random random;

  SimulatedCrawl(int length, Random random) {
    this.random = random;
    boolean losesBytes = random.nextInt(3) == 0;
    for (int number = 0; number < length; number++) {
      Request request = next(number);
      requests.add(request);
      if (losesBytes && random.nextInt(3) == 0) {
        brokenRequests.add(request.image().getRequestId());
      }
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      benchmarks.add(benchmark(length + i));
    }
  }

  private Request benchmark(int number) {
    String name = Benchmark.name(Requests.imageId(number), "benchmark-" + number);
    float[] of = vectors.get(requests.get(random.nextInt(requests.size())).imageId());
    do {
      put(name, UnitVectors.atCosine(of, 0.78 + 0.22 * random.nextDouble(), random));
    } while (requests.stream().anyMatch(request -> isInDoubt(request.imageId(), name)));
    return Requests.request(number, name, new BitCode(new long[4]), 0);
  }

  /** Whether codes might miss the pair: of so few elements they err by several hundredths. */
  private boolean isInDoubt(String imageId, String benchmark) {
    return Math.abs(cosine(imageId, benchmark) - BENCHMARK_COSINE) < 0.03;
  }

  /** Whether the image is nearer to a benchmark than any may be. */
  boolean isContaminated(String imageId) {
    return benchmarks.stream()
        .map(Request::imageId)
        .anyMatch(
            benchmark -> isNearBenchmark(imageId, benchmark) || areNearByHash(imageId, benchmark));
  }

  boolean isNearBenchmark(String imageId, String benchmark) {
    return cosine(imageId, benchmark) > BENCHMARK_COSINE;
  }

  double cosine(String a, String b) {
    return UnitVectors.dot(vectors.get(a), vectors.get(b));
  }

  boolean areNearByHash(String a, String b) {
    return hashes.get(a).stream()
        .anyMatch(x -> hashes.get(b).stream().anyMatch(y -> areNear(x, y)));
  }

  /** Images of which at least one request can be read. */
  Set<String> readable() {
    Set<String> readable = new HashSet<>();
    for (Request request : requests) {
      if (!brokenRequests.contains(request.image().getRequestId())) {
        readable.add(request.imageId());
      }
    }
    return readable;
  }

  /**
   * Whether the two are copies by any descriptor: an edge of the batch.
   *
   * @param bound that their cosine must exceed
   */
  boolean areNear(String a, String b, double bound) {
    return cosine(a, b) > bound || areNearByHash(a, b);
  }

  private static boolean areNear(PixelHash a, PixelHash b) {
    return Math.min(a.quality(), b.quality()) >= HASH_QUALITY
        && (areNear(a.upright(), b.upright())
            || areNear(a.upright(), b.mirrored())
            || areNear(a.mirrored(), b.upright())
            || areNear(a.mirrored(), b.mirrored()));
  }

  private static boolean areNear(byte[] a, byte[] b) {
    return Dihedral.distance(BitCode.of(a), BitCode.of(b)) <= HASH_DISTANCE;
  }

  private Request next(int number) {
    String imageId = Requests.imageId(number + 1);
    int kind = requests.isEmpty() ? 0 : random.nextInt(7);
    String of = kind == 0 ? "" : requests.get(random.nextInt(requests.size())).imageId();
    switch (kind) {
      case 0 -> put(imageId, UnitVectors.random(DIM, random));
      case 1 -> imageId = of;
      case 2 -> put(imageId, nearVector(of));
      case 3 -> putPixelCopy(imageId, UnitVectors.random(DIM, random), of);
      case 4 -> put(imageId, relative(of));
      case 5 -> put(imageId, bridge());
      default -> putPixelCopy(imageId, nearVector(of), of);
    }
    return Requests.request(number, imageId, new BitCode(new long[4]), 0);
  }

  private void put(String imageId, float[] vector) {
    vectors.put(imageId, vector);
    hashes.put(imageId, withAnother(randomHash()));
  }

  private PixelHash randomHash() {
    return hash(Codes.random(random), Codes.random(random), random.nextInt(100));
  }

  private static PixelHash hash(BitCode upright, BitCode mirrored, int quality) {
    return new PixelHash(Requests.bytes(upright), Requests.bytes(mirrored), quality);
  }

  /** Some have a border, and so a hash of what lies inside. */
  private List<PixelHash> withAnother(PixelHash hash) {
    return switch (random.nextInt(6)) {
      case 0 -> List.of(hash, randomHash());
      case 1 -> List.of(randomHash(), hash);
      default -> List.of(hash);
    };
  }

  /** A pixel hash tells it, turned or not, as it stands or mirrored. */
  private void putPixelCopy(String imageId, float[] vector, String of) {
    vectors.put(imageId, vector);
    PixelHash original = hashes.get(of).get(random.nextInt(hashes.get(of).size()));
    BitCode upright = BitCode.of(original.upright());
    BitCode turned = Dihedral.variants(upright)[random.nextInt(Dihedral.ORDER)];
    int bits = random.nextInt(HASH_DISTANCE + 1);
    BitCode near =
        random.nextBoolean()
            ? Codes.flipAnywhere(turned, bits, random)
            : Codes.flipEvenly(turned, HASH_DISTANCE, random);
    boolean mirrored = random.nextBoolean();
    PixelHash copy =
        mirrored
            ? hash(Codes.random(random), near, original.quality())
            : hash(near, Codes.random(random), original.quality());
    hashes.put(imageId, withAnother(copy));
  }

  private float[] nearVector(String of) {
    return UnitVectors.atCosine(vectors.get(of), 0.91 + 0.09 * random.nextDouble(), random);
  }

  /** Too far to be a copy, near enough that {@link #bridge} is a copy of both. */
  private float[] relative(String of) {
    float[] relative = UnitVectors.atCosine(vectors.get(of), 0.87, random);
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
}
