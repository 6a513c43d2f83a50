package io.freshet.deploy.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.image.RgbImage;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CropFeedTest {
  private static final TrainingConfig RECIPE =
      TinyPhotoRecipe.config().section("trainer.recipe", TrainingConfig.class);

  private final CropFeed feed = new CropFeed(RECIPE, noise(8), 1);

  /** Pictures in which two places never look alike. */
  private static List<RgbImage> noise(int count) {
    Random random = new Random(5);
    return IntStream.range(0, count)
        .mapToObj(
            i -> {
              byte[] rgb = new byte[RgbImage.sizeOf(100, 100)];
              random.nextBytes(rgb);
              return new RgbImage(100, 100, rgb);
            })
        .toList();
  }

  private static int globals(TrainingBatch batch) {
    return Arrays.hashCode(batch.globals());
  }

  @Test
  void noTwoStepsShareACrop() {
    int length = 3 * RECIPE.crops().globalSize() * RECIPE.crops().globalSize();
    Set<Integer> crops = new HashSet<>();
    int steps = 300;
    for (int step = 0; step < steps; step++) {
      float[] globals = feed.batch(step).globals();
      for (int start = 0; start < globals.length; start += length) {
        crops.add(Arrays.hashCode(Arrays.copyOfRange(globals, start, start + length)));
      }
    }
    int made = steps * TrainingBatch.GLOBAL_CROPS * RECIPE.batchImages();
    // A mirrored or recoloured repetition counts as another; a hash may collide once.
    assertTrue(crops.size() >= made - 1, crops.size() + " different crops of " + made);
  }

  @Test
  void aStepIsAFunctionOfSeedAndStep() {
    assertEquals(globals(feed.batch(7)), globals(new CropFeed(RECIPE, noise(8), 1).batch(7)));
  }
}
