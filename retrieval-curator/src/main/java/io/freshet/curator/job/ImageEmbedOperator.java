package io.freshet.curator.job;

import io.freshet.curator.CuratorConfig;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.flink.MicroBatchOperator;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vector;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives each image its vector in the space that alias {@code curation} names now, on as many tasks
 * as there are, in micro-batches.
 *
 * <p>A vector that is there in this space is kept. An image that can't be read or embedded passes
 * without one; while no model can be had, images pass with the vector that they have. When the
 * alias moves, images in the new space wait in the window until the seeds are embedded in it.
 */
final class ImageEmbedOperator extends MicroBatchOperator<UniqueImage, UniqueImage> {
  private static final long serialVersionUID = 1L;

  private final int batch;
  private final BlobConfig blobs;
  private final RegistryConfig registry;

  private transient CurationEmbedder embedder;

  ImageEmbedOperator(CuratorConfig config, BlobConfig blobs, RegistryConfig registry) {
    super(config.embedBatch(), config.embedLinger());
    this.batch = config.embedBatch();
    this.blobs = blobs;
    this.registry = registry;
  }

  @Override
  public void open() throws Exception {
    super.open();
    embedder = new CurationEmbedder(blobs, registry, batch, InstantSource.system());
  }

  @Override
  public void close() throws Exception {
    if (embedder != null) {
      embedder.close();
    }
    super.close();
  }

  @Override
  protected void process(List<UniqueImage> images) {
    if (!embedder.followAlias()) {
      images.forEach(this::emit); // The window has them embedded when there is a model.
      return;
    }
    Map<String, BlobRef> toEmbed = new HashMap<>();
    for (UniqueImage image : images) {
      if (!embedder.space().holds(image.getCopyEmbedding())) {
        toEmbed.put(image.getImageId(), image.getBlob());
      }
    }
    Map<String, Vector> vectors = embedder.embed(toEmbed);
    for (UniqueImage image : images) {
      Vector vector = vectors.get(image.getImageId());
      emit(vector == null ? image : UniqueImage.newBuilder(image).setCopyEmbedding(vector).build());
    }
  }
}
