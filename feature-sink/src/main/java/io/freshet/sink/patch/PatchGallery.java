package io.freshet.sink.patch;

import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobUnavailableException;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.schemas.SeedImage;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pictures of what releases see in the same few images. Each release's are made by one thread in
 * the background when they are first asked for, again when the images have changed, and again after
 * a failure has stood for {@link #FAILURE_STANDS}; those of the newest {@value #MAX_RELEASES} that
 * were made are kept, some kilobytes each. Releases of other kinds than vision transformers have
 * none.
 *
 * <p>Thread-safe; whoever made it closes it.
 */
public final class PatchGallery implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PatchGallery.class);
  private static final int MAX_RELEASES = 100;

  /** How long a failure stands: bytes or a library that were missing may be there again. */
  static final Duration FAILURE_STANDS = Duration.ofMinutes(1);

  private final ModelRegistry registry;
  private final BlobStore blobs;
  private final Supplier<List<SeedImage>> images;
  private final InstantSource clock;
  private final Map<ModelVersion, Kept> kept = new ConcurrentHashMap<>();
  private final ExecutorService painter =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread thread = new Thread(work, "patch-pictures");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * Where a release's pictures are.
   *
   * @param failure why there are none; null while there may be some
   * @param pictures PNG of one pixel a patch, by image id; empty while they are made
   */
  public record State(String failure, Map<String, byte[]> pictures) {
    public State {
      pictures = Map.copyOf(pictures);
    }

    /** Whether they are being made, or wait for it. */
    public boolean pending() {
      return failure == null && pictures.isEmpty();
    }
  }

  private static final State PENDING = new State(null, Map.of());

  /**
   * What was made, or is being made.
   *
   * @param of ids of the images that were to be looked at
   */
  private record Kept(Set<String> of, Instant at, State state) {}

  /**
   * @param images those to look at; pictures are made again when they change
   */
  public PatchGallery(
      ModelRegistry registry,
      BlobStore blobs,
      InstantSource clock,
      Supplier<List<SeedImage>> images) {
    this.registry = registry;
    this.blobs = blobs;
    this.clock = clock;
    this.images = images;
  }

  /** The images that are looked at. */
  public List<SeedImage> images() {
    return images.get();
  }

  /** Starts making the pictures of a release where there are none. Doesn't wait for them. */
  public State of(ModelVersion version) {
    List<SeedImage> chosen = images.get();
    if (chosen.isEmpty()) {
      return new State("no EVALUATION images are registered to look at", Map.of());
    }
    Kept known = kept.get(version);
    if (known != null && (known.state().pending() || holds(known, chosen))) {
      return known.state();
    }
    if (kept.size() >= MAX_RELEASES) {
      kept.clear();
    }
    Kept started = new Kept(ids(chosen), clock.instant(), PENDING);
    Kept before = kept.put(version, started);
    if (before == null || !before.state().pending()) {
      painter.execute(() -> keep(version, chosen));
    }
    return PENDING;
  }

  private boolean holds(Kept known, List<SeedImage> chosen) {
    return known.of().equals(ids(chosen))
        && (known.state().failure() == null
            || clock.instant().isBefore(known.at().plus(FAILURE_STANDS)));
  }

  private static Set<String> ids(List<SeedImage> seeds) {
    return seeds.stream().map(SeedImage::getImageId).collect(Collectors.toUnmodifiableSet());
  }

  private void keep(ModelVersion version, List<SeedImage> chosen) {
    // An error, such as of a native library, passes on, but leaves nobody waiting.
    State made = new State("the pictures could not be made, see the server's log", Map.of());
    try {
      made = paint(version, chosen);
    } finally {
      kept.put(version, new Kept(ids(chosen), clock.instant(), made));
    }
  }

  private State paint(ModelVersion version, List<SeedImage> chosen) {
    try {
      Manifest manifest = registry.manifest(version);
      if (manifest.embedding().isEmpty()) {
        return new State("the release doesn't say how it embeds", Map.of());
      }
      EmbedderSpec spec = EmbedderSpec.fromMap(manifest.embedding());
      if (spec.kind() != EmbedderSpec.Kind.VIT) {
        return new State("the release is no vision transformer", Map.of());
      }
      Map<String, RgbImage> pixels = new LinkedHashMap<>();
      for (SeedImage seed : chosen) {
        read(seed).ifPresent(image -> pixels.put(seed.getImageId(), image));
      }
      if (pixels.isEmpty()) {
        return new State("the bytes of the images are gone", Map.of());
      }
      PatchTokens.Grid grid =
          PatchTokens.of(
              registry.open(version), spec.preprocessing(), new ArrayList<>(pixels.values()));
      return new State(null, pictures(List.copyOf(pixels.keySet()), grid));
    } catch (Exception e) {
      LOG.warn("no pictures of the patches of {}: {}", version, e.toString());
      return new State("the release can't be used: " + e.getClass().getSimpleName(), Map.of());
    }
  }

  private Optional<RgbImage> read(SeedImage seed) {
    try {
      return Optional.of(CanonicalEncoding.decode(blobs.read(seed.getBlob())));
    } catch (BlobUnavailableException e) {
      return Optional.empty();
    }
  }

  private static Map<String, byte[]> pictures(List<String> ids, PatchTokens.Grid grid) {
    byte[] rgb = PatchColours.of(grid.tokens(), grid.brightness());
    int length = 3 * grid.side() * grid.side();
    Map<String, byte[]> pictures = new LinkedHashMap<>();
    IntStream.range(0, ids.size())
        .forEach(
            i ->
                pictures.put(
                    ids.get(i),
                    CanonicalEncoding.encode(
                        new RgbImage(
                            grid.side(),
                            grid.side(),
                            Arrays.copyOfRange(rgb, i * length, (i + 1) * length)))));
    return pictures;
  }

  @Override
  public void close() {
    painter.shutdownNow();
  }
}
