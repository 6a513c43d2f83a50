package io.freshet.sink.tally;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Optional;

/**
 * An image on a wall: what it is and why it is there. Every text comes from outside; whoever shows
 * it must show it as text.
 *
 * <p>Times are milliseconds since 1970.
 */
public sealed interface WallImage {
  /** Characters of a text from outside that are kept. */
  int MAX_TEXT = 500;

  /** The walls. */
  enum Verdict {
    UNIQUE,
    DUPLICATE,
    CURATED,
    PASSED,
    REJECTED
  }

  /** What the wall can be narrowed to: a reason, a method, a dataset; empty where there is none. */
  Optional<String> facet();

  /**
   * Whether a revocation of the target is one of this image.
   *
   * @param target an image id or the URL where an image was found
   */
  boolean isNamedBy(String target);

  /** Where an image was found. */
  @JsonNaming(SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Source(String url, String pageUrl, String altText) {
    public Source {
      url = cut(url);
      pageUrl = cut(pageUrl);
      altText = cut(altText);
    }
  }

  /** The first of its component. */
  @JsonNaming(SnakeCaseStrategy.class)
  record Unique(String imageId, Source source, int width, int height, long at)
      implements WallImage {
    @Override
    public Optional<String> facet() {
      return Optional.empty();
    }

    @Override
    public boolean isNamedBy(String target) {
      return imageId.equals(target) || target.equals(source.url());
    }
  }

  /**
   * A copy.
   *
   * @param score Hamming distance in bits for HASH, else a cosine or 1
   * @param spaceId space of the compared vectors; null where none were
   */
  @JsonNaming(SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Duplicate(
      String imageId,
      String keptImageId,
      Source source,
      String method,
      double score,
      double threshold,
      String spaceId,
      long at)
      implements WallImage {
    @Override
    public Optional<String> facet() {
      return Optional.of(method);
    }

    @Override
    public boolean isNamedBy(String target) {
      return imageId.equals(target) || target.equals(source.url());
    }
  }

  /**
   * What a seed, a cluster or the balanced sample took.
   *
   * @param queryId the seed's image id, or a cluster
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record Curated(
      String imageId,
      String queryId,
      String dataset,
      String strategy,
      double similarity,
      int rank,
      long window,
      String spaceId,
      long at)
      implements WallImage {
    @Override
    public Optional<String> facet() {
      return Optional.of(dataset.isEmpty() ? strategy : dataset);
    }

    @Override
    public boolean isNamedBy(String target) {
      return imageId.equals(target);
    }
  }

  /**
   * What curation saw and did not choose.
   *
   * @param seedId the seed that it is nearest to; null where it was compared with none
   * @param dataset of the seed, or null
   * @param similarity cosine to the seed, or null
   * @param threshold below which an image is no seed's neighbour
   */
  @JsonNaming(SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Passed(
      String imageId,
      String reason,
      String seedId,
      String dataset,
      Double similarity,
      double threshold,
      long window,
      String spaceId,
      long at)
      implements WallImage {
    @Override
    public Optional<String> facet() {
      return Optional.of(reason);
    }

    @Override
    public boolean isNamedBy(String target) {
      return imageId.equals(target);
    }
  }

  /** A request that ended without an image. */
  @JsonNaming(SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Rejected(String url, String stage, String reason, String detail, long at)
      implements WallImage {
    public Rejected {
      url = cut(url);
      detail = cut(detail);
    }

    @Override
    public Optional<String> facet() {
      return Optional.of(reason);
    }

    @Override
    public boolean isNamedBy(String target) {
      return false;
    }
  }

  private static String cut(String text) {
    return text == null || text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
  }
}
