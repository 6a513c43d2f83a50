package io.freshet.curator.seeds;

import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.DecodeLimits;
import io.freshet.vision.image.ImageDecoder;
import io.freshet.vision.image.ImageRejectedException;
import io.freshet.vision.image.RgbImage;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Registers images of a curated dataset: decodes them, makes their canonical bytes durable, and
 * only then announces them. Running it again with the same files changes nothing but the time.
 */
public final class SeedRegistrar {
  private static final int BATCH = 256;

  private final BlobStore blobs;
  private final Consumer<SeedImage> announcement;
  private final InstantSource clock;
  private final ImageDecoder decoder = new ImageDecoder(DecodeLimits.DEFAULTS);

  /**
   * @param announcement writes to {@code seed.registered}; durable when the caller has flushed it
   */
  public SeedRegistrar(BlobStore blobs, Consumer<SeedImage> announcement, InstantSource clock) {
    this.blobs = blobs;
    this.announcement = announcement;
    this.clock = clock;
  }

  /** What came of a registration: how many are in, and why others are not. */
  public record Outcome(int registered, List<String> refused) {}

  /** Registers every file of the stream that decodes. */
  public Outcome register(String dataset, SeedRole role, Stream<SeedFile> files) {
    List<String> refused = new ArrayList<>();
    List<SeedImage> pending = new ArrayList<>();
    int[] registered = {0};
    try (ShardWriter shard = blobs.openShard("seeds-" + dataset)) {
      files.forEach(
          file -> {
            try {
              pending.add(store(shard, dataset, role, file));
            } catch (ImageRejectedException e) {
              refused.add(file.file() + ": " + e.getMessage());
            }
            if (pending.size() == BATCH) {
              registered[0] += announce(shard, pending);
            }
          });
      registered[0] += announce(shard, pending);
    }
    return new Outcome(registered[0], List.copyOf(refused));
  }

  private SeedImage store(ShardWriter shard, String dataset, SeedRole role, SeedFile file)
      throws ImageRejectedException {
    RgbImage image = decoder.decode(file.body().get()).image();
    String imageId = CanonicalEncoding.imageId(image);
    BlobRef blob = shard.append(imageId + ".png", CanonicalEncoding.encode(image));
    Instant now = clock.instant();
    return new SeedImage(
        imageId, blob, dataset, file.label(), role, file.split().orElse(null), file.file(), now);
  }

  private int announce(ShardWriter shard, List<SeedImage> pending) {
    shard.sync();
    pending.forEach(announcement);
    int announced = pending.size();
    pending.clear();
    return announced;
  }
}
