package io.freshet.curator.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.config.DataSize;
import io.freshet.schemas.BlobRef;
import io.freshet.vision.embed.EmbeddingException;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredImageEmbeddingTest {
  /** One that the model refuses. */
  private static final int POISON = 13;

  @TempDir private Path directory;

  /** The first pixel's red, and a failure over {@link #POISON}. */
  private static final class RedEmbedder implements ImageEmbedder {
    @Override
    public EmbeddingSpace space() {
      return EmbeddingSpace.parse("red@1/pixel/l2");
    }

    @Override
    public int dim() {
      return 1;
    }

    @Override
    public float[][] embed(List<RgbImage> images) {
      if (images.stream().anyMatch(image -> image.rgb()[0] == POISON)) {
        throw new EmbeddingException("not finite");
      }
      return images.stream().map(image -> new float[] {image.rgb()[0]}).toArray(float[][]::new);
    }

    @Override
    public void close() {}
  }

  @Test
  void whatCannotBeReadOrEmbeddedIsLeftOutAndTheOthersAreNot() {
    try (BlobStore blobs = BlobStores.open(new BlobConfig(directory, new DataSize(1 << 20)));
        ShardWriter shard = blobs.openShard("test")) {
      Map<String, BlobRef> images = new LinkedHashMap<>();
      images.put("a", shard.append("a.png", CanonicalEncoding.encode(pixel(1))));
      images.put("no image", shard.append("b.png", "no image".getBytes(StandardCharsets.UTF_8)));
      images.put("poison", shard.append("c.png", CanonicalEncoding.encode(pixel(POISON))));
      images.put("d", shard.append("d.png", CanonicalEncoding.encode(pixel(2))));
      images.put("e", shard.append("e.png", CanonicalEncoding.encode(pixel(3))));
      shard.sync();
      BlobRef a = images.get("a");
      images.put("gone", new BlobRef("gone", a.getOffset(), a.getLength(), a.getSha256()));
      for (int batch = 1; batch <= images.size(); batch++) {
        assertEquals(
            Set.of("a", "d", "e"),
            new StoredImageEmbedding(blobs, batch).embed(new RedEmbedder(), images).keySet(),
            "in batches of " + batch);
      }
    }
  }

  @Test
  void stopsWhenItsThreadIsInterrupted() {
    try (BlobStore blobs = BlobStores.open(new BlobConfig(directory, new DataSize(1 << 20)));
        ShardWriter shard = blobs.openShard("test")) {
      BlobRef image = shard.append("a.png", CanonicalEncoding.encode(pixel(1)));
      shard.sync();
      Thread.currentThread().interrupt();
      assertThrows(
          CancellationException.class,
          () -> new StoredImageEmbedding(blobs, 1).embed(new RedEmbedder(), Map.of("a", image)));
    } finally {
      Thread.interrupted();
    }
  }

  private static RgbImage pixel(int red) {
    return new RgbImage(1, 1, new byte[] {(byte) red, 0, 0});
  }
}
