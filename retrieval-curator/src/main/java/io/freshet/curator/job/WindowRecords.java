package io.freshet.curator.job;

import io.freshet.curator.window.Choice;
import io.freshet.curator.window.CuratedWindow;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.CurationStrategy;
import io.freshet.schemas.CurationWindow;
import io.freshet.schemas.DatasetFunnel;
import io.freshet.schemas.UniqueImage;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
