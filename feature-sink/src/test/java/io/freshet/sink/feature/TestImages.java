package io.freshet.sink.feature;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.UniqueImage;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.time.Instant;
import java.util.List;
import java.util.Random;

/** Stored images that are told apart by their stripes. */
final class TestImages {
  private TestImages() {}

  static List<UniqueImage> store(BlobConfig blobs, List<RgbImage> pictures) {
    try (ShardWriter shard = BlobStores.open(blobs).openShard("test")) {
      List<UniqueImage> images =
          pictures.stream()
              .map(
                  picture -> {
                    String id = CanonicalEncoding.imageId(picture);
                    BlobRef blob = shard.append(id + ".png", CanonicalEncoding.encode(picture));
                    Instant now = Instant.now();
                    return new UniqueImage(
                        "request " + id,
                        id,
                        blob,
                        picture.width(),
                        picture.height(),
                        id,
                        null,
                        new SourceUrls("http://site/" + id, null, null),
                        now,
                        now,
                        now);
                  })
              .toList();
      shard.sync();
      return images;
    }
  }

  /** Bands of colour, another for each number. */
  static RgbImage picture(int number) {
    Random random = new Random(number);
    byte[] rgb = new byte[3 * 64 * 64];
    for (int row = 0; row < 64; row += 8) {
      byte[] colour = new byte[3];
      random.nextBytes(colour);
      for (int i = row * 64; i < (row + 8) * 64; i++) {
        System.arraycopy(colour, 0, rgb, 3 * i, 3);
      }
    }
    return new RgbImage(64, 64, rgb);
  }
}
