package io.freshet.trainer.data;

import io.freshet.trainer.data.StepRandom.Purpose;
import io.freshet.trainer.masking.TokenMasks;
import io.freshet.trainer.step.MultiCrop;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Turns a plan into pixels: read, decode, augment, mask, lay out. A function of the plan and the
 * seed, whatever thread runs it.
 *
 * <p>Thread-safe.
 */
public final class BatchMaker {
  /** Draws the masks of a batch of {@code crops} global crops. */
  @FunctionalInterface
  public interface MaskMaker {
    TokenMasks masks(int crops, RandomGenerator random);
  }

  private final ImageLibrary images;
  private final CropMaker cropMaker;
  private final MaskMaker maskMaker;
  private final int globalSize;
  private final int localSize;
  private final long seed;

  /**
   * @param globalSize side of a global crop, pixels
   * @param localSize side of a local crop, pixels
   */
  public BatchMaker(
      ImageLibrary images,
      CropMaker cropMaker,
      MaskMaker maskMaker,
      int globalSize,
      int localSize,
      long seed) {
    this.images = images;
    this.cropMaker = cropMaker;
    this.maskMaker = maskMaker;
    this.globalSize = globalSize;
    this.localSize = localSize;
    this.seed = seed;
  }

  /**
   * @throws IllegalStateException when not one image of the plan can be read
   */
  public PreparedBatch make(BatchPlan plan) {
    List<Sample> samples = plan.samples();
    List<Optional<RgbImage>> pixels = new ArrayList<>();
    List<String> lost = new ArrayList<>();
    for (Sample sample : samples) {
      Optional<RgbImage> image = images.read(sample.blob());
      pixels.add(image);
      if (image.isEmpty()) {
        lost.add(sample.imageId());
      }
    }
    if (lost.size() == samples.size()) {
      throw new IllegalStateException(
          "none of the %d images of step %d can be read; is the blob store complete?"
              .formatted(samples.size(), plan.step()));
    }
    List<MultiCrop> crops = new ArrayList<>();
    for (int i = 0; i < samples.size(); i++) {
      RandomGenerator random = StepRandom.of(seed, Purpose.AUGMENTATION, plan.step(), i);
      crops.add(cropMaker.crops(orNext(pixels, i), random));
    }
    TokenMasks masks =
        maskMaker.masks(
            TrainingBatch.GLOBAL_CROPS * samples.size(),
            StepRandom.of(seed, Purpose.MASKING, plan.step(), 0));
    return new PreparedBatch(
        plan, TrainingBatch.collate(crops, globalSize, localSize, masks), lost);
  }

  private static RgbImage orNext(List<Optional<RgbImage>> pixels, int from) {
    int i = from;
    while (pixels.get(i).isEmpty()) {
      i = (i + 1) % pixels.size();
    }
    return pixels.get(i).orElseThrow();
  }
}
