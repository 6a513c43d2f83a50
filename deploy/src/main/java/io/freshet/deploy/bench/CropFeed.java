package io.freshet.deploy.bench;

import io.freshet.trainer.data.StepRandom;
import io.freshet.trainer.masking.BlockMasking;
import io.freshet.trainer.step.MultiCrop;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.MultiCropAugmentation;
import io.freshet.vision.transform.MultiCropConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Batches of augmented crops out of pictures in memory: a step's batch is a function of the seed
 * and the step. Thread-safe; each thread has its own buffers.
 */
final class CropFeed {
  private final TrainingConfig recipe;
  private final List<RgbImage> images;
  private final long seed;
  private final BlockMasking blocks;
  private final ThreadLocal<MultiCropAugmentation> augmentation;

  CropFeed(TrainingConfig recipe, List<RgbImage> images, long seed) {
    this.recipe = recipe;
    this.images = List.copyOf(images);
    this.seed = seed;
    this.blocks = new BlockMasking(recipe.globalGrid(), recipe.globalGrid());
    this.augmentation =
        ThreadLocal.withInitial(() -> new MultiCropAugmentation(recipe.multiCrop()));
  }

  /** The batch of a step: all pictures in random order, then all again in another one. */
  TrainingBatch batch(long step) {
    long first = step * recipe.batchImages();
    List<Integer> places = new ArrayList<>();
    while (places.size() < recipe.batchImages()) {
      long shown = first + places.size();
      List<Integer> order = order(shown / images.size());
      int from = (int) (shown % images.size());
      int to = Math.min(images.size(), from + recipe.batchImages() - places.size());
      places.addAll(order.subList(from, to));
    }
    return batch(step, places);
  }

  /** The order of an epoch. */
  private List<Integer> order(long epoch) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, images.size()).boxed().toList());
    RandomGenerator random = StepRandom.of(seed, StepRandom.Purpose.COMPOSITION, epoch, 0);
    for (int i = order.size() - 1; i > 0; i--) {
      Collections.swap(order, i, random.nextInt(i + 1));
    }
    return order;
  }

  /**
   * The batch of a step, of chosen pictures.
   *
   * @param places in the list of pictures, one for each image of the batch
   */
  TrainingBatch batch(long step, List<Integer> places) {
    return batch(random(step), places::get);
  }

  private RandomGenerator random(long step) {
    return StepRandom.of(seed, StepRandom.Purpose.AUGMENTATION, step, 0);
  }

  private TrainingBatch batch(RandomGenerator random, IntUnaryOperator place) {
    List<MultiCrop> crops = new ArrayList<>();
    for (int i = 0; i < recipe.batchImages(); i++) {
      RgbImage image = images.get(place.applyAsInt(i));
      List<float[]> views = augmentation.get().crops(image, random);
      int globals = MultiCropConfig.GLOBAL_CROPS;
      crops.add(new MultiCrop(views.subList(0, globals), views.subList(globals, views.size())));
    }
    return TrainingBatch.collate(
        crops,
        recipe.crops().globalSize(),
        recipe.crops().localSize(),
        recipe
            .losses()
            .ibot()
            .masks()
            .sample(blocks, TrainingBatch.GLOBAL_CROPS * recipe.batchImages(), random));
  }
}
