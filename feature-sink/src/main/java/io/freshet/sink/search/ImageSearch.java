package io.freshet.sink.search;

import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.ReleaseAlteredException;
import io.freshet.sink.tally.StoredFeatures;
import io.freshet.sink.tally.StoredFeatures.Match;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.image.DecodeLimits;
import io.freshet.vision.image.ImageDecoder;
import io.freshet.vision.image.ImageRejectedException;
import io.freshet.vision.image.RgbImage;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the stored images nearest to one from outside: decoded as a crawled one would be, embedded
 * by the release whose space is searched, compared exactly with the features that are held. One
 * search runs at a time; others wait a little and are then refused.
 *
 * <p>Thread-safe; whoever made it closes it.
 */
public final class ImageSearch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ImageSearch.class);
  private static final int PATIENCE_SECONDS = 10;

  private final ModelRegistry registry;
  private final StoredFeatures features;
  private final ImageDecoder decoder;
  private final ReleaseEmbedders embedders;
  private volatile Optional<EmbeddingSpace> champion = Optional.empty();

  /** Why the champion can't be used, as it was told last. */
  private volatile String refusal;

  private final ReentrantLock turn = new ReentrantLock();

  /**
   * What was found.
   *
   * @param compared features that the image was compared with
   */
  public record Found(EmbeddingSpace space, int compared, List<Match> matches) {}

  /** Another search takes too long. */
  public static final class BusyException extends Exception {
    private static final long serialVersionUID = 1L;

    BusyException() {
      super("another search is running; try again in some seconds");
    }
  }

  /**
   * @param maxBytes of an encoded image
   */
  public ImageSearch(ModelRegistry registry, StoredFeatures features, long maxBytes) {
    DecodeLimits limits = DecodeLimits.DEFAULTS;
    this.registry = registry;
    this.features = features;
    this.embedders = new ReleaseEmbedders(registry);
    this.decoder =
        new ImageDecoder(
            new DecodeLimits(
                maxBytes,
                limits.minSide(),
                limits.maxSide(),
                limits.maxPixels(),
                limits.maxMetadataBytes(),
                limits.timeout()));
  }

  /**
   * The space that the champion writes, if there is a champion that says how it embeds. While it or
   * the alias is altered, the space that it wrote before.
   *
   * @throws ReleaseAlteredException when it is altered and nothing is known of before
   */
  public Optional<EmbeddingSpace> championSpace() {
    try {
      champion = registry.resolve("champion").flatMap(this::spaceOf);
      refusal = null;
      return champion;
    } catch (ReleaseAlteredException e) {
      if (!e.getMessage().equals(refusal)) {
        refusal = e.getMessage();
        LOG.error(
            "the champion can't be used, {} is searched: {}",
            champion.map(EmbeddingSpace::id).orElse("no space of its"),
            refusal);
      }
      return champion.or(
          () -> {
            throw e;
          });
    }
  }

  private Optional<EmbeddingSpace> spaceOf(ModelVersion version) {
    try {
      EmbedderSpec spec = EmbedderSpec.fromMap(registry.manifest(version).embedding());
      return Optional.of(spec.space(version.name(), version.version()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Searches with a file's bytes.
   *
   * @throws ImageRejectedException when they are no image within the limits
   * @throws NoSuchElementException when no release makes the space
   */
  public Found byImage(byte[] body, EmbeddingSpace space, int count)
      throws ImageRejectedException, BusyException, InterruptedException {
    if (!turn.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new BusyException();
    }
    try {
      RgbImage image = decoder.decode(body).image();
      return found(space, embedders.embed(space, image), count);
    } finally {
      turn.unlock();
    }
  }

  /**
   * Searches with a stored image, which is among what is found.
   *
   * @throws NoSuchElementException when its feature in the space isn't held
   */
  public Found byStored(String imageId, EmbeddingSpace space, int count) {
    float[] query =
        features
            .vector(imageId, space.id())
            .orElseThrow(
                () ->
                    new NoSuchElementException(
                        "no feature of that image is held in " + space.id()));
    return found(space, query, count);
  }

  private Found found(EmbeddingSpace space, float[] query, int count) {
    return new Found(
        space,
        features.spaces().getOrDefault(space.id(), 0),
        features.nearest(space.id(), query, count));
  }

  @Override
  public void close() {
    turn.lock();
    try {
      embedders.close();
    } finally {
      turn.unlock();
    }
  }
}
