package io.freshet.trainer.branch;

import io.freshet.trainer.data.BatchMaker;
import io.freshet.trainer.data.CropMaker;
import io.freshet.trainer.data.ImageLibrary;
import io.freshet.trainer.data.ReplayBuffer;
import io.freshet.trainer.data.ReplayConfig;
import io.freshet.trainer.data.ReplayManifest;
import io.freshet.trainer.data.StepRandom;
import io.freshet.trainer.data.StepRandom.Purpose;
import io.freshet.trainer.masking.BlockMasking;
import io.freshet.trainer.masking.MaskSampling;
import io.freshet.trainer.masking.TokenMasks;
import io.freshet.trainer.step.TrainingConfig;
import java.util.function.Function;

/**
 * The images that the branches of one release train on: the replay buffer as it was when the state
 * that they leave from was copied. What a branch sees is a function of the run's seed, that step
 * and the kind of branch; the run's own random streams are left alone. Immutable.
 *
 * @param config of the buffer
 * @param content of the buffer
 * @param images where its pixels are
 * @param augmentation makes crops as a recipe says
 * @param runSeed of the run
 * @param step of the run at which the branches leave it
 */
public record FrozenReplay(
    ReplayConfig config,
    ReplayManifest content,
    ImageLibrary images,
    Function<TrainingConfig, CropMaker> augmentation,
    long runSeed,
    long step) {

  /** Batches with the recipe's masks. The caller closes them. */
  BranchBatches masked(Branch branch, TrainingConfig recipe, long steps) {
    MaskSampling sampling = recipe.losses().ibot().masks();
    BlockMasking blocks = new BlockMasking(recipe.globalGrid(), recipe.globalGrid());
    return batches(
        branch, recipe, steps, (crops, random) -> sampling.sample(blocks, crops, random));
  }

  /** Batches all of whose patches take part in the loss. The caller closes them. */
  BranchBatches whole(Branch branch, TrainingConfig recipe, long steps) {
    int patches = recipe.globalGrid() * recipe.globalGrid();
    return batches(branch, recipe, steps, (crops, random) -> TokenMasks.all(crops, patches));
  }

  private BranchBatches batches(
      Branch branch, TrainingConfig recipe, long steps, BatchMaker.MaskMaker masks) {
    long seed = seed(branch);
    BatchMaker maker =
        new BatchMaker(
            images,
            augmentation.apply(recipe),
            masks,
            recipe.crops().globalSize(),
            recipe.crops().localSize(),
            seed);
    ReplayBuffer buffer = ReplayBuffer.restore(config, seed, content);
    return new BranchBatches(buffer, maker, recipe.batchImages(), steps);
  }

  /** The seed of all random streams of a branch. */
  long seed(Branch branch) {
    return StepRandom.seed(runSeed, Purpose.BRANCH, step, branch.number());
  }
}
