package io.freshet.client.similar;

import io.freshet.client.FeatureEvent;
import io.freshet.client.FeatureEvent.Erased;
import io.freshet.client.FeatureEvent.Released;
import io.freshet.client.FeatureEvent.Written;
import io.freshet.client.FeatureStream;
import io.freshet.platform.registry.RegistryException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers "find similar" from an index that follows the features, JVector's unless told otherwise,
 * and goes over to a new champion's space without a gap: while features in the new space come in,
 * the index of the old one answers; when the new index holds enough of the images, it takes over
 * and the old one is dropped. Vectors of two spaces never meet: each has an index of its own.
 *
 * <p>Which space is the champion's is asked of the registry, at the start and when the stream tells
 * that the alias moved: the topic may have lost the champion's announcement to a later one of the
 * same model, and tells of different models in any order. While the registry can't answer, it is
 * asked again and everything else goes on.
 *
 * <p>One owner thread: {@link #advance} again and again, {@link #find} in between.
 */
public final class SimilarImages implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SimilarImages.class);
  private static final long ASK_AGAIN_NANOS = Duration.ofSeconds(10).toNanos();

  private final Opening opening;
  private final SimilarityIndex.Factory indexes;
  private final Supplier<Optional<String>> champion;
  private final double takeOverShare;
  private Following current;
  private Following coming;

  /** Whether the champion may be another than when it was asked for. */
  private boolean stale = true;

  private long askAtNanos = System.nanoTime();

  /**
   * @param imageId 64 hex digits
   * @param cosine -1 to 1, to within float32
   */
  public record Match(String imageId, double cosine) {}

  /** Opens a stream that pins a space. */
  @FunctionalInterface
  public interface Opening {
    FeatureStream open(String space);
  }

  /** A space, its stream and its index. */
  private static final class Following implements AutoCloseable {
    private final String space;
    private final FeatureStream stream;
    private final SimilarityIndex.Factory indexes;
    private SimilarityIndex index;

    /** Whether the stream has been read to its end once. */
    private boolean complete;

    private boolean indexComplete;

    Following(String space, FeatureStream stream, SimilarityIndex.Factory indexes) {
      this.space = space;
      this.stream = stream;
      this.indexes = indexes;
    }

    int size() {
      return index == null ? 0 : index.size();
    }

    void apply(FeatureEvent event) {
      if (event instanceof Written written) {
        if (index == null) {
          index = indexes.open(space, written.vector().length);
        }
        index.put(written.imageId(), written.vector());
      } else if (event instanceof Erased erased && index != null) {
        index.remove(erased.imageId());
      }
    }

    /** After a batch of events. */
    void flush() {
      if (index != null) {
        index.flush();
      }
      complete = complete || stream.caughtUp();
      if (complete && !indexComplete && index != null) {
        index.complete();
        indexComplete = true;
      }
    }

    void discard() {
      if (index != null) {
        index.discard();
        index = null;
      }
      close();
    }

    @Override
    public void close() {
      stream.close();
      if (index != null) {
        index.close();
      }
    }
  }

  /** With an index in memory. */
  public SimilarImages(
      Opening opening, String space, Supplier<Optional<String>> champion, double takeOverShare) {
    this(opening, (index, dim) -> new SpaceIndex(dim), space, champion, takeOverShare);
  }

  /**
   * @param indexes opens one for each space that is followed
   * @param space what to begin with
   * @param champion the space to go over to, such as {@link io.freshet.client.ChampionSpace}; it
   *     may throw a {@link RegistryException} or IllegalArgumentException, and is asked again then
   * @param takeOverShare how much of the old index the new one must hold before it takes over,
   *     above 0 to 1
   */
  public SimilarImages(
      Opening opening,
      SimilarityIndex.Factory indexes,
      String space,
      Supplier<Optional<String>> champion,
      double takeOverShare) {
    if (!(takeOverShare > 0 && takeOverShare <= 1)) {
      throw new IllegalArgumentException(
          "take-over share must be above 0 and at most 1, not " + takeOverShare);
    }
    this.opening = opening;
    this.indexes = indexes;
    this.champion = champion;
    this.takeOverShare = takeOverShare;
    this.current = new Following(space, opening.open(space), indexes);
  }

  /**
   * Applies what came in meanwhile.
   *
   * @param most how long to wait for the first event
   */
  public void advance(Duration most) {
    for (FeatureEvent event : current.stream.poll(most)) {
      current.apply(event);
      if (event instanceof Released released && released.aliases().contains("champion")) {
        stale = true;
      }
    }
    current.flush();
    followChampion();
    if (coming != null) {
      coming.stream.poll(Duration.ZERO).forEach(coming::apply);
      coming.flush();
      if (mayTakeOver()) {
        coming.index.takeOver();
        current.discard();
        current = coming;
        coming = null;
      }
    }
  }

  /** Both have been read to their end once, so that the sizes can be compared. */
  private boolean mayTakeOver() {
    return current.complete
        && coming.complete
        && coming.size() > 0
        && coming.size() >= takeOverShare * current.size();
  }

  private void followChampion() {
    if (!stale || System.nanoTime() - askAtNanos < 0) {
      return;
    }
    try {
      champion.get().ifPresent(this::follow);
      stale = false;
    } catch (RegistryException | IllegalArgumentException e) {
      askAtNanos = System.nanoTime() + ASK_AGAIN_NANOS;
      LOG.warn("who is champion is asked again: {}", e.getMessage());
    }
  }

  private void follow(String space) {
    if (coming != null && !coming.space.equals(space)) {
      coming.discard();
      coming = null;
    }
    if (coming == null && !space.equals(current.space)) {
      coming = new Following(space, opening.open(space), indexes);
    }
  }

  /** The space that queries must be of now. */
  public String space() {
    return current.space;
  }

  /** Images that can be found now. */
  public int size() {
    return current.size();
  }

  /** How many images each space that is being followed holds. */
  public Map<String, Integer> sizes() {
    return coming == null
        ? Map.of(current.space, current.size())
        : Map.of(current.space, current.size(), coming.space, coming.size());
  }

  /** Whether everything that was committed when asked has been seen in the answering space. */
  public boolean caughtUp() {
    return current.stream.caughtUp();
  }

  /**
   * The most similar first.
   *
   * @param querySpace the space of the query
   * @param query of length one
   * @throws IllegalArgumentException when the query is of another space than {@link #space}: embed
   *     it again with that release
   */
  public List<Match> find(String querySpace, float[] query, int count) {
    if (!querySpace.equals(current.space)) {
      throw new IllegalArgumentException(
          "the query is of %s, but images are found in %s; embed it with that release"
              .formatted(querySpace, current.space));
    }
    return current.index == null ? List.of() : current.index.nearest(query, count);
  }

  @Override
  public void close() {
    current.close();
    if (coming != null) {
      coming.close();
    }
  }
}
