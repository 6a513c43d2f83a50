package io.freshet.deploy.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
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

  private static final TrainingConfig COLOUR_KEPT =
      TinyPhotoRecipe.config()
          .with("trainer.recipe.augmentation.jitter.probability", "0")
          .with("trainer.recipe.augmentation.solarize_probability", "0")
          .section("trainer.recipe", TrainingConfig.class);

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
  void everyPictureIsShownOnceBeforeAnyIsShownAgain() {
    // Each picture has one shade of grey.
    List<RgbImage> plain =
        IntStream.range(0, 2 * RECIPE.batchImages() + 1)
            .mapToObj(
                i -> {
                  byte[] rgb = new byte[RgbImage.sizeOf(80, 80)];
                  Arrays.fill(rgb, (byte) (10 * i));
                  return new RgbImage(80, 80, rgb);
                })
            .toList();
    CropFeed colours = new CropFeed(COLOUR_KEPT, plain, 3);
    int length = 3 * RECIPE.crops().globalSize() * RECIPE.crops().globalSize();
    List<Float> shown = new ArrayList<>();
    for (int step = 0; step < 2 * plain.size(); step++) {
      for (int i = 0; i < RECIPE.batchImages(); i++) {
        shown.add(colours.batch(step).globals()[i * length]);
      }
    }
    for (int epoch = 0; epoch + plain.size() <= shown.size(); epoch += plain.size()) {
      assertEquals(plain.size(), new HashSet<>(shown.subList(epoch, epoch + plain.size())).size());
    }
    assertNotEquals(shown.subList(0, plain.size()), shown.subList(plain.size(), 2 * plain.size()));
  }

  @Test
  void aStepIsAFunctionOfSeedAndStep() {
    assertEquals(globals(feed.batch(7)), globals(new CropFeed(RECIPE, noise(8), 1).batch(7)));
  }
}
