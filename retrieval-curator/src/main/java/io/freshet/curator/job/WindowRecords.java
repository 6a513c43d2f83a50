package io.freshet.curator.job;

import io.freshet.curator.retrieval.NearestSeed;
import io.freshet.curator.window.Choice;
import io.freshet.curator.window.CuratedWindow;
import io.freshet.curator.window.Pass;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.CurationStrategy;
import io.freshet.schemas.CurationWindow;
import io.freshet.schemas.DatasetFunnel;
import io.freshet.schemas.PassReason;
import io.freshet.schemas.PassedImage;
import io.freshet.schemas.UniqueImage;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A curated window as the topics have it.
 *
 * @param minSimilarity cosine below which an image was no seed's neighbour
 */
record WindowRecords(
    long number, String spaceId, Instant closedAt, double minSimilarity, CuratedWindow curated) {
  WindowRecords {
    closedAt = closedAt.truncatedTo(ChronoUnit.MICROS);
  }

  /**
   * @param window the images by id
   */
  List<CuratedImage> images(Map<String, UniqueImage> window) {
    return curated.choices().stream()
        .map(
            choice ->
                new CuratedImage(
                    choice.imageId(),
                    window.get(choice.imageId()).getBlob(),
                    choice.dataset(),
                    strategy(choice.strategy()),
                    choice.queryOrClusterId(),
                    choice.similarity(),
                    choice.rank(),
                    number,
                    spaceId,
                    closedAt,
                    choice.strategy() == Choice.Strategy.SAMPLE ? (float) minSimilarity : null))
        .toList();
  }

  /**
   * @param window the images by id
   */
  List<PassedImage> passed(Map<String, UniqueImage> window) {
    Stream<PassedImage> compared = curated.passed().stream().map(this::passed);
    Stream<PassedImage> unreadable =
        window.values().stream()
            .filter(image -> image.getCopyEmbedding() == null)
            .map(image -> passed(image.getImageId(), PassReason.UNREADABLE, Optional.empty()));
    return Stream.concat(compared, unreadable).toList();
  }

  private PassedImage passed(Pass pass) {
    return passed(pass.imageId(), reason(pass.reason()), pass.nearest());
  }

  private PassedImage passed(String imageId, PassReason reason, Optional<NearestSeed> nearest) {
    return new PassedImage(
        imageId,
        reason,
        nearest.map(NearestSeed::dataset).orElse(null),
        nearest.map(NearestSeed::seedId).orElse(null),
        nearest.map(NearestSeed::similarity).orElse(null),
        (float) minSimilarity,
        number,
        spaceId,
        closedAt);
  }

  private static PassReason reason(Pass.Reason reason) {
    return switch (reason) {
      case FAR -> PassReason.FAR;
      case OUTBID -> PassReason.OUTBID;
      case BUDGET -> PassReason.BUDGET;
    };
  }

  CurationWindow report(int images, int withdrawn, int unreadable, Optional<WindowDrift> drift) {
    int balanced =
        Math.toIntExact(
            curated.choices().stream()
                .filter(choice -> choice.strategy() == Choice.Strategy.BALANCED)
                .count());
    return new CurationWindow(
        number,
        spaceId,
        images,
        withdrawn,
        unreadable,
        curated.funnels().stream()
            .map(
                f ->
                    new DatasetFunnel(f.dataset(), f.seeds(), f.near(), f.sampled(), f.clustered()))
            .toList(),
        balanced,
        curated.clusterSizes(),
        drift.map(WindowDrift::meanShift).orElse(null),
        drift.map(WindowDrift::frechetDistance).orElse(null),
        closedAt);
  }

  private static CurationStrategy strategy(Choice.Strategy strategy) {
    return switch (strategy) {
      case SAMPLE -> CurationStrategy.SAMPLE;
      case CLUSTER -> CurationStrategy.CLUSTER;
      case BALANCED -> CurationStrategy.BALANCED;
    };
  }
}
