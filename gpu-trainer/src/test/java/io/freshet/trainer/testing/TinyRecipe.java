package io.freshet.trainer.testing;

import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.loss.DinoConfig;
import io.freshet.trainer.loss.HeadConfig;
import io.freshet.trainer.loss.IbotConfig;
import io.freshet.trainer.loss.LossConfig;
import io.freshet.trainer.masking.MaskSampling;
import io.freshet.trainer.optim.OptimizerConfig;
import io.freshet.trainer.schedule.ScheduleConfig;
import io.freshet.trainer.step.CropsConfig;
import io.freshet.trainer.step.ModelConfig;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;

/** The whole method in a model so small that a step takes milliseconds. */
public final class TinyRecipe {

  private TinyRecipe() {}

  /** With registers, SwiGLU and dropped paths, so that these take part as well. */
  public static TrainingConfig of(Centering centering, boolean separateHead, int localCrops) {
    HeadConfig head = new HeadConfig(24, 20, 12, 3);
    return new TrainingConfig(
        4,
        new ModelConfig(8, 32, 2, 4, Ffn.SWIGLU, 2, 0.5, 0.4),
        new CropsConfig(32, 0.32, 1, localCrops, 16, 0.05, 0.32),
        Recipes.defaults().augmentation(),
        new LossConfig(
            centering,
            3,
            0.9,
            0.1,
            0.1,
            new DinoConfig(1, head),
            new IbotConfig(1, separateHead, head, new MaskSampling(0.5, 0.1, 0.5))),
        new OptimizerConfig(0.9, 0.999, 1e-8, 3, 0.9, 0.2),
        new ScheduleConfig(
            ScheduleConfig.Shape.CONSTANT,
            0,
            1e-3,
            ScheduleConfig.Scaling.NONE,
            0,
            2,
            1,
            0.04,
            0.04,
            0.99,
            1,
            0.04,
            0.07,
            10));
  }
}
