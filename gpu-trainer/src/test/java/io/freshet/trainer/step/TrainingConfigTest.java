package io.freshet.trainer.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.loss.DinoConfig;
import io.freshet.trainer.loss.HeadConfig;
import io.freshet.trainer.loss.IbotConfig;
import io.freshet.trainer.loss.LossConfig;
import io.freshet.trainer.masking.MaskSampling;
import io.freshet.trainer.optim.OptimizerConfig;
import io.freshet.trainer.schedule.ScheduleConfig;
import io.freshet.trainer.schedule.ScheduleConfig.Scaling;
import io.freshet.trainer.schedule.ScheduleConfig.Shape;
import io.freshet.trainer.step.AugmentationConfig.Blur;
import io.freshet.trainer.step.AugmentationConfig.Jitter;
import io.freshet.trainer.testing.Recipes;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;
import io.freshet.vision.transform.MultiCropConfig;
import org.junit.jupiter.api.Test;

class TrainingConfigTest {

  private static TrainingConfig recipe(
      int batchImages,
      ModelConfig model,
      CropsConfig crops,
      AugmentationConfig augmentation,
      Centering centering,
      HeadConfig head,
      OptimizerConfig optimizer,
      ScheduleConfig schedule) {
    return new TrainingConfig(
        batchImages,
        model,
        crops,
        augmentation,
        new LossConfig(
            centering,
            3,
            0.9,
            0.1,
            0.1,
            new DinoConfig(1, head),
            new IbotConfig(1, true, head, new MaskSampling(0.5, 0.1, 0.5))),
        optimizer,
        schedule);
  }

  @Test
  void defaultsAreThePublishedOnes() {
    assertEquals(
        recipe(
            64,
            new ModelConfig(16, 384, 12, 6, Ffn.MLP, 0, 1e-5, 0.3),
            new CropsConfig(224, 0.32, 1, 8, 96, 0.05, 0.32),
            new AugmentationConfig(
                0.5,
                new Jitter(0.4, 0.4, 0.2, 0.1, 0.8),
                0.2,
                new Blur(9, 0.1, 2, 0, 0.9, 0.5),
                0.2,
                128),
            Centering.SINKHORN_KNOPP,
            new HeadConfig(65536, 2048, 256, 3),
            new OptimizerConfig(0.9, 0.999, 1e-8, 3, 0.9, 0.2),
            new ScheduleConfig(
                Shape.CONSTANT,
                125_000,
                4e-3,
                Scaling.SQRT_1024,
                1e-6,
                12_500,
                1250,
                0.04,
                0.4,
                0.992,
                1,
                0.04,
                0.07,
                37_500)),
        Recipes.defaults());
  }

  @Test
  void theDemoTrainsASmallModelThatNeverEnds() {
    TrainingConfig demo = Recipes.demo();
    assertEquals(new ModelConfig(16, 192, 6, 3, Ffn.MLP, 0, 1, 0), demo.model());
    assertEquals(new CropsConfig(128, 0.32, 1, 4, 64, 0.1, 0.5), demo.crops());
    // Few prototypes and no Sinkhorn-Knopp: its targets over many would be almost uniform here.
    HeadConfig head = new HeadConfig(256, 512, 128, 3);
    assertEquals(Centering.SOFTMAX, demo.losses().centering());
    assertEquals(head, demo.losses().dino().head());
    assertEquals(head, demo.losses().ibot().head());
    assertEquals(Shape.CONSTANT, demo.schedule().shape());
    assertEquals(5e-4, demo.schedule().learningRateAt(demo.batchImages()));
  }

  @Test
  void defaultCropsAreThePublishedAugmentation() {
    assertEquals(MultiCropConfig.dinov2(224, 8, 96), Recipes.defaults().multiCrop());
  }

  @Test
  void refusesCropsThatPatchesDoNotTile() {
    TrainingConfig demo = Recipes.demo();
    CropsConfig crops = new CropsConfig(72, 0.32, 1, 4, 32, 0.05, 0.32);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new TrainingConfig(
                    32,
                    demo.model(),
                    crops,
                    demo.augmentation(),
                    demo.losses(),
                    demo.optimizer(),
                    demo.schedule()));
    assertTrue(e.getMessage().contains("72") && e.getMessage().contains("16"), e.getMessage());
  }

  @Test
  void refusesABatchOfOneImage() {
    TrainingConfig demo = Recipes.demo();
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new TrainingConfig(
                1,
                demo.model(),
                demo.crops(),
                demo.augmentation(),
                demo.losses(),
                demo.optimizer(),
                demo.schedule()));
  }
}
