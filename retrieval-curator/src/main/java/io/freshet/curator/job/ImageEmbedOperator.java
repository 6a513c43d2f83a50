package io.freshet.curator.job;

import io.freshet.curator.CuratorConfig;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Gives each image its vector in the space that alias {@code curation} names now, on as many tasks
 * as there are. In micro-batches: one goes when it is full, when its oldest image has waited for
 * {@code embed_linger}, and before each checkpoint barrier, so nothing is buffered across a
 * checkpoint.
 *
 * <p>A vector that is there in this space is kept. An image whose bytes are gone passes without
 * one. The window decides which space counts: if the alias moves while a window is open, it embeds
 * again what came with a vector of the old space.
 */
final class ImageEmbedOperator extends AbstractStreamOperator<UniqueImage>
    implements OneInputStreamOperator<UniqueImage, UniqueImage>, BoundedOneInput {
  private static final long serialVersionUID = 1L;

  private final int batch;
  private final Duration linger;
  private final BlobConfig blobs;
  private final RegistryConfig registry;

  private transient CurationEmbedder embedder;
  private transient List<UniqueImage> waiting;
  private transient ScheduledFuture<?> lingerTimer;

  ImageEmbedOperator(CuratorConfig config, BlobConfig blobs, RegistryConfig registry) {
    this.batch = config.embedBatch();
    this.linger = config.embedLinger();
    this.blobs = blobs;
    this.registry = registry;
  }

  @Override
  public void open() throws Exception {
    super.open();
    embedder = new CurationEmbedder(blobs, registry, batch);
    waiting = new ArrayList<>(batch);
  }

  @Override
  public void processElement(StreamRecord<UniqueImage> element) {
    waiting.add(element.getValue());
    if (waiting.size() >= batch) {
      flush();
    } else if (lingerTimer == null) {
      long now = getProcessingTimeService().getCurrentProcessingTime();
      lingerTimer =
          getProcessingTimeService().registerTimer(now + linger.toMillis(), at -> flush());
    }
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) {
    flush();
  }

  @Override
  public void endInput() {
    flush();
  }

  @Override
  public void close() throws Exception {
    if (embedder != null) {
      embedder.close();
    }
    super.close();
  }

  private void flush() {
    if (lingerTimer != null) {
      lingerTimer.cancel(false);
      lingerTimer = null;
    }
    if (waiting.isEmpty()) {
      return;
    }
    embedder.followAlias();
    Map<String, BlobRef> toEmbed = new HashMap<>();
    for (UniqueImage image : waiting) {
      if (!embedder.isHere(image.getCopyEmbedding())) {
        toEmbed.put(image.getImageId(), image.getBlob());
      }
    }
    Map<String, Vector> vectors = embedder.embed(toEmbed);
    for (UniqueImage image : waiting) {
      Vector vector = vectors.get(image.getImageId());
      output.collect(
          new StreamRecord<>(
              vector == null
                  ? image
                  : UniqueImage.newBuilder(image).setCopyEmbedding(vector).build()));
    }
    waiting.clear();
  }
}
