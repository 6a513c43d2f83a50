package io.freshet.deploy.curation;

import io.freshet.curator.batch.FoundImage;
import io.freshet.curator.batch.StandingImages;
import io.freshet.curator.job.SourceHost;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.config.Config;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vectors;
import io.freshet.vision.image.CanonicalEncoding;
import java.util.Optional;
import java.util.function.Consumer;

/** The images that stand in {@code image.unique}, in the order of the decisions on them. */
public final class TopicImages extends AheadSource {
  private final StandingImages standing;
  private final BlobStore blobs;
  private Optional<StandingImages.Counts> counts = Optional.empty();

  private TopicImages(StandingImages standing, BlobStore blobs, Consumer<LeftOut> leftOut) {
    super(leftOut);
    this.standing = standing;
    this.blobs = blobs;
  }

  /**
   * @param spaceId vectors that images carry in this space are used, other images are embedded
   */
  public static TopicImages open(Config config, String spaceId, Consumer<LeftOut> leftOut) {
    BlobStore blobs = BlobStores.open(config.section("blobs", BlobConfig.class));
    return new TopicImages(StandingImages.read(config, spaceId), blobs, leftOut);
  }

  /** What became of the topic's records; waits until they were read. */
  public StandingImages.Counts counts() {
    if (counts.isEmpty()) {
      counts = Optional.of(standing.counts());
    }
    return counts.get();
  }

  @Override
  public long total() {
    return counts().standing();
  }

  @Override
  protected boolean hasPlace() {
    return standing.hasNext();
  }

  @Override
  protected Optional<BatchImage> look() {
    FoundImage next = standing.next();
    if (next instanceof FoundImage.Standing found) {
      return look(found);
    }
    RejectedImage refusal = ((FoundImage.Unreadable) next).refusal();
    leaveOut(new LeftOut(Place.name(refusal.getOrigin()), "", refusal.getDetail()));
    return Optional.empty();
  }

  private Optional<BatchImage> look(FoundImage.Standing found) {
    UniqueImage image = found.image();
    Place place = new Place.InTopic(found.origin(), image.getBlob(), image.getSource());
    return content(image, place)
        .map(
            content ->
                new BatchImage(
                    image.getImageId(), SourceHost.of(image.getSource()), place, content));
  }

  private Optional<BatchImage.Content> content(UniqueImage image, Place place) {
    if (image.getCopyEmbedding() != null) {
      return Optional.of(new BatchImage.Embedded(Vectors.toFloats(image.getCopyEmbedding())));
    }
    return readOrLeaveOut(
            place.name(),
            image.getImageId(),
            () -> CanonicalEncoding.decode(blobs.read(image.getBlob())))
        .map(BatchImage.Pixels::new);
  }

  @Override
  public void close() {
    try (blobs) {
      standing.close();
    }
  }
}
