package io.freshet.trainer.testing;

import io.freshet.trainer.masking.BlockMasking;
import io.freshet.trainer.masking.TokenMasks;
import io.freshet.trainer.step.MultiCrop;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Batches of noise, for tests that ask how a step treats its state. */
public final class RandomBatches {

  private RandomBatches() {}

  /** A batch that depends on {@code seed} alone. */
  public static TrainingBatch of(TrainingConfig config, long seed) {
    return of(config, seed, 1);
  }

  /** The same with pixels multiplied by {@code factor}. */
  public static TrainingBatch of(TrainingConfig config, long seed, float factor) {
    SplittableRandom random = new SplittableRandom(seed);
    List<MultiCrop> crops = crops(config, factor, random);
    BlockMasking blocks = new BlockMasking(config.globalGrid(), config.globalGrid());
    return collate(
        config,
        crops,
        config.losses().ibot().masks().sample(blocks, 2 * config.batchImages(), random));
  }

  /** The same with given masks. */
  public static TrainingBatch of(TrainingConfig config, long seed, float factor, TokenMasks masks) {
    return collate(config, crops(config, factor, new SplittableRandom(seed)), masks);
  }

  private static TrainingBatch collate(
      TrainingConfig config, List<MultiCrop> crops, TokenMasks masks) {
    return TrainingBatch.collate(
        crops, config.crops().globalSize(), config.crops().localSize(), masks);
  }

  private static List<MultiCrop> crops(
      TrainingConfig config, float factor, SplittableRandom random) {
    int globalSize = config.crops().globalSize();
    int localSize = config.crops().localSize();
    List<MultiCrop> crops = new ArrayList<>();
    for (int i = 0; i < config.batchImages(); i++) {
      crops.add(
          new MultiCrop(
              noise(2, globalSize, factor, random),
              noise(config.crops().localCount(), localSize, factor, random)));
    }
    return crops;
  }

  private static List<float[]> noise(int count, int side, float factor, SplittableRandom random) {
    return IntStream.range(0, count)
        .mapToObj(
            i -> {
              float[] pixels = new float[3 * side * side];
              for (int j = 0; j < pixels.length; j++) {
                pixels[j] = factor * (float) random.nextGaussian();
              }
              return pixels;
            })
        .toList();
  }
}
