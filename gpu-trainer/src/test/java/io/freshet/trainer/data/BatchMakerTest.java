package io.freshet.trainer.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.config.DataSize;
import io.freshet.schemas.BlobRef;
import io.freshet.trainer.masking.TokenMasks;
import io.freshet.trainer.step.MultiCrop;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchMakerTest {
  private static final int SIDE = 4;

  @TempDir private Path dir;
  private BlobStore blobs;
  private final List<Sample> samples = new ArrayList<>();

  @BeforeEach
  void write() {
    blobs = BlobStores.open(new BlobConfig(dir, DataSize.ofMebibytes(1)));
    try (ShardWriter writer = blobs.openShard("test")) {
      for (int i = 0; i < 6; i++) {
        byte[] rgb = new byte[3 * SIDE * SIDE];
        Arrays.fill(rgb, (byte) (10 * (i + 1)));
        RgbImage image = new RgbImage(SIDE, SIDE, rgb);
        BlobRef ref = writer.append(i + ".png", CanonicalEncoding.encode(image));
        samples.add(new Sample(CanonicalEncoding.imageId(image), ref, "photos", "c"));
      }
      writer.sync();
    }
  }

  @AfterEach
  void close() {
    blobs.close();
  }

  @Test
  void givesTheSameBatchOnAnyThreadAtAnyTime() throws InterruptedException {
    BatchPlan first = new BatchPlan(3, samples.subList(0, 4), Map.of());
    BatchPlan second = new BatchPlan(4, samples.subList(2, 6), Map.of());
    float[] alone = maker().make(second).batch().globals();
    try (BatchPrefetcher prefetcher = new BatchPrefetcher(maker(), 3)) {
      prefetcher.submit(first);
      prefetcher.submit(second);
      assertEquals(2, prefetcher.ahead());
      assertEquals(3, prefetcher.take().prepared().plan().step());
      PreparedBatch ahead = prefetcher.take().prepared();
      assertEquals(4, ahead.plan().step());
      assertArrayEquals(alone, ahead.batch().globals());
    }
  }

  @Test
  void drawsOtherNumbersForEachStepAndEachPlaceInTheBatch() {
    float[] third =
        maker()
            .make(new BatchPlan(3, List.of(samples.get(0), samples.get(0)), Map.of()))
            .batch()
            .globals();
    float[] fourth =
        maker()
            .make(new BatchPlan(4, List.of(samples.get(0), samples.get(0)), Map.of()))
            .batch()
            .globals();
    assertFalse(Arrays.equals(third, fourth));
    int crop = 3 * SIDE * SIDE;
    assertFalse(
        Arrays.equals(
            Arrays.copyOfRange(third, 0, crop), Arrays.copyOfRange(third, crop, 2 * crop)));
  }

  @Test
  void putsTheNextImageInThePlaceOfALostOne() {
    Sample lost = altered(samples.get(1));
    PreparedBatch prepared =
        maker().make(new BatchPlan(0, List.of(samples.get(0), lost, samples.get(2)), Map.of()));
    assertEquals(List.of(lost.imageId()), prepared.lost());
    assertEquals(3, prepared.batch().images());
    // The first value of a crop is the pixel's byte, the second the random number.
    float[] globals = prepared.batch().globals();
    int crop = 3 * SIDE * SIDE;
    assertEquals(10, globals[0]);
    assertEquals(30, globals[crop]);
    assertEquals(30, globals[2 * crop]);
    assertFalse(globals[crop + 1] == globals[2 * crop + 1], "the stand-in has its own crops");
  }

  @Test
  void refusesAPlanOfWhichNothingIsLeft() {
    BatchPlan plan = new BatchPlan(5, List.of(altered(samples.get(0))), Map.of());
    BatchMaker maker = maker();
    assertThrows(IllegalStateException.class, () -> maker.make(plan));
  }

  private static Sample altered(Sample sample) {
    BlobRef ref = sample.blob();
    return new Sample(
        "f".repeat(64),
        new BlobRef(ref.getShard(), ref.getOffset() + 1, ref.getLength(), ref.getSha256()),
        sample.dataset(),
        sample.concept());
  }

  private BatchMaker maker() {
    return new BatchMaker(
        new ImageLibrary(blobs),
        BatchMakerTest::crops,
        (crops, random) -> TokenMasks.of(new boolean[crops][1]),
        SIDE,
        SIDE,
        99);
  }

  private static MultiCrop crops(RgbImage image, RandomGenerator random) {
    List<float[]> globals = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      float[] crop = new float[3 * SIDE * SIDE];
      crop[0] = image.rgb()[0];
      crop[1] = random.nextFloat();
      globals.add(crop);
    }
    return new MultiCrop(globals, List.of());
  }
}
