package io.freshet.sink.patch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.config.DataSize;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.Sha256;
import io.freshet.sink.feature.TestReleases;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PatchGalleryTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final BlobRef GONE =
      new BlobRef("no-such-shard", 0L, 10, new Sha256(new byte[32]));

  /** 8 pixels a patch, at least 16 patches a side. */
  private static final int SIDE = 16;

  @TempDir private Path temp;

  private ModelRegistry registry;
  private ModelVersion release;
  private BlobStore blobs;
  private SeedImage first;
  private SeedImage second;
  private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private volatile List<SeedImage> seeds = List.of();

  @BeforeEach
  void publish() throws Exception {
    registry = ModelRegistries.open(new RegistryConfig(temp.resolve("registry")));
    release = TestReleases.publishVit(registry, temp, 1).id();
    blobs = BlobStores.open(new BlobConfig(temp.resolve("blobs"), new DataSize(1 << 20)));
    try (ShardWriter shard = blobs.openShard("test")) {
      first = seed("cat", shard, 1);
      second = seed("dog", shard, 2);
      shard.sync();
    }
  }

  private static SeedImage seed(String label, ShardWriter shard, int number) {
    byte[] rgb = new byte[3 * 40 * 30];
    new Random(number).nextBytes(rgb);
    RgbImage picture = new RgbImage(40, 30, rgb);
    String id = CanonicalEncoding.imageId(picture);
    return seed(id, label, shard.append(id + ".png", CanonicalEncoding.encode(picture)));
  }

  private static SeedImage seed(String id, String label, BlobRef blob) {
    return new SeedImage(id, blob, "photos", label, SeedRole.EVALUATION, null, "f", Instant.EPOCH);
  }

  private PatchGallery gallery() {
    return new PatchGallery(registry, blobs, () -> now, () -> seeds);
  }

  private PatchGallery.State await(PatchGallery gallery) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    PatchGallery.State state = gallery.of(release);
    while (state.pending() && System.nanoTime() < deadline) {
      Thread.sleep(10);
      state = gallery.of(release);
    }
    return state;
  }

  @Test
  void paintsOnePixelAPatchTheSameEachTimeAndAnotherForEachImage() throws Exception {
    seeds = List.of(first, second);
    PatchGallery.State made;
    try (PatchGallery gallery = gallery()) {
      assertTrue(gallery.of(release).pending(), "nobody waits for the pictures");
      made = await(gallery);
    }
    assertEquals(Set.of(first.getImageId(), second.getImageId()), made.pictures().keySet());
    byte[] one = made.pictures().get(first.getImageId());
    byte[] other = made.pictures().get(second.getImageId());
    for (byte[] png : List.of(one, other)) {
      RgbImage picture = CanonicalEncoding.decode(png);
      assertEquals(SIDE, picture.width());
      assertEquals(SIDE, picture.height());
    }
    assertFalse(Arrays.equals(one, other));
    try (PatchGallery again = gallery()) {
      PatchGallery.State same = await(again);
      assertArrayEquals(one, same.pictures().get(first.getImageId()));
      assertArrayEquals(other, same.pictures().get(second.getImageId()));
    }
  }

  @Test
  void takesInAnImageThatIsRegisteredLater() throws Exception {
    try (PatchGallery gallery = gallery()) {
      assertTrue(gallery.of(release).failure().contains("no EVALUATION images"));
      seeds = List.of(first);
      assertEquals(Set.of(first.getImageId()), await(gallery).pictures().keySet());
      seeds = List.of(first, second);
      assertEquals(
          Set.of(first.getImageId(), second.getImageId()), await(gallery).pictures().keySet());
    }
  }

  @Test
  void leavesOutAnImageWhoseBytesAreGoneAndMakesThemOnce() throws Exception {
    seeds = List.of(first, seed(second.getImageId(), "dog", GONE));
    try (PatchGallery gallery = gallery()) {
      PatchGallery.State made = await(gallery);
      assertEquals(Set.of(first.getImageId()), made.pictures().keySet());
      now = now.plus(PatchGallery.FAILURE_STANDS);
      assertFalse(gallery.of(release).pending(), "they are not made again");
    }
  }

  @Test
  void triesAgainAfterAFailureHasStoodForAWhile() throws Exception {
    seeds = List.of(seed(first.getImageId(), "cat", GONE));
    try (PatchGallery gallery = gallery()) {
      assertEquals("the bytes of the images are gone", await(gallery).failure());
      seeds = List.of(first);
      now = now.plus(PatchGallery.FAILURE_STANDS).minusMillis(1);
      assertEquals("the bytes of the images are gone", gallery.of(release).failure());
      now = now.plusMillis(1);
      assertEquals(Set.of(first.getImageId()), await(gallery).pictures().keySet());
    }
  }
}
