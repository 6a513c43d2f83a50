package io.freshet.trainer.testing;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.config.DataSize;
import io.freshet.trainer.branch.FrozenReplay;
import io.freshet.trainer.data.ImageLibrary;
import io.freshet.trainer.data.ReplayBuffer;
import io.freshet.trainer.data.ReplayConfig;
import io.freshet.trainer.data.Sample;
import io.freshet.trainer.step.MultiCrop;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.MultiCropAugmentation;
import java.nio.file.Path;
import java.util.Random;

/** A replay buffer with a dozen images of noise in a blob store. */
public final class NoiseReplay implements AutoCloseable {
  private static final ReplayConfig CONFIG = new ReplayConfig(8, 8, 0.5, 1);
  private static final int IMAGES = 12;
  private static final int SIDE = 40;

  private final BlobStore blobs;
  private final ReplayBuffer buffer = new ReplayBuffer(CONFIG, 1);

  public NoiseReplay(Path dir) {
    this.blobs = BlobStores.open(new BlobConfig(dir, DataSize.ofMebibytes(1)));
    Random random = new Random(3);
    try (ShardWriter writer = blobs.openShard("noise")) {
      for (int i = 0; i < IMAGES; i++) {
        byte[] rgb = new byte[3 * SIDE * SIDE];
        random.nextBytes(rgb);
        RgbImage image = new RgbImage(SIDE, SIDE, rgb);
        buffer.admit(
            new Sample(
                CanonicalEncoding.imageId(image),
                writer.append(i + ".png", CanonicalEncoding.encode(image)),
                "noise",
                "c" + i % 3));
      }
      writer.sync();
    }
  }

  /** The buffer for branches that leave a run with {@code seed} at {@code step}. */
  public FrozenReplay at(long step, long seed) {
    return new FrozenReplay(
        CONFIG,
        buffer.manifest(),
        new ImageLibrary(blobs),
        recipe ->
            (image, random) -> {
              var views = new MultiCropAugmentation(recipe.multiCrop()).crops(image, random);
              return new MultiCrop(views.subList(0, 2), views.subList(2, views.size()));
            },
        seed,
        step);
  }

  @Override
  public void close() {
    blobs.close();
  }
}
