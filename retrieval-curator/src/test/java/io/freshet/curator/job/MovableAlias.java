package io.freshet.curator.job;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.config.Config;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Vector;
import io.freshet.schemas.Vectors;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.CanonicalEncoding;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;

/** The bundled model under the name of whatever space a test points the alias at. */
final class MovableAlias implements AliasEmbedder {
  private static volatile String alias = "";
  private static final String LOST = "lost";
  private static final Semaphore GATE = new Semaphore(1);

  /** Images that were embedded. */
  static volatile int embedded;

  private final BlobStore blobs;
  private final ImageEmbedder embedder = ImageEmbedders.bootstrap();
  private volatile CurationSpace space;

  MovableAlias(Config config) {
    blobs = BlobStores.open(config.section("blobs", BlobConfig.class));
  }

  static void moveTo(String space) {
    alias = space;
  }

  /** Lets no one embed until {@link #release}. */
  static void hold() {
    GATE.acquireUninterruptibly();
  }

  static void release() {
    GATE.release();
  }

  /** What the alias names can't be had until {@link #moveTo}. */
  static void lose() {
    alias = LOST;
  }

  @Override
  public boolean followAlias() {
    if (alias.equals(LOST)) {
      return space != null;
    }
    if (alias.isEmpty()) {
      throw new IllegalStateException("no alias");
    }
    space = new CurationSpace(alias);
    return true;
  }

  @Override
  public CurationSpace space() {
    return space;
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // One worker writes.
  public Map<String, Vector> embed(Map<String, BlobRef> images) {
    Map<String, Vector> vectors = new HashMap<>();
    try {
      GATE.acquire();
    } catch (InterruptedException e) {
      throw new CancellationException("stopped");
    }
    try {
      images.forEach(
          (key, blob) -> {
            embedded++;
            float[] vector = embedder.embed(List.of(CanonicalEncoding.decode(blobs.read(blob))))[0];
            vectors.put(key, Vectors.of(space.id(), vector));
          });
    } finally {
      GATE.release();
    }
    return vectors;
  }

  @Override
  public void close() {
    embedder.close();
  }
}
