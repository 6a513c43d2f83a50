package io.freshet.trainer.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
import io.freshet.trainer.testing.Recipes;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The published recipes, value by value, as the original's files and the paper's Table 16 have
 * them.
 */
class PresetsTest {

  /** Side of the released models' position embeddings, in patches. */
  private static final int RELEASED_GRID = 37;

  private static final List<String> PRESETS =
      List.of(
          "vits14",
          "vits14_reg",
          "vits16",
          "vitb14",
          "vitb14_reg",
          "vitb16",
          "vitl14",
          "vitl14_reg",
          "vitl16",
          "vitl16_short",
          "vitg14",
          "vitg14_reg",
          "vitg16");

  @ParameterizedTest
  @CsvSource({
    "vits14, 14, 384, 12, 6, MLP, 0, 22056576",
    "vits14_reg, 14, 384, 12, 6, MLP, 4, 22058112",
    "vits16, 16, 384, 12, 6, MLP, 0, 22125696",
    "vitb14, 14, 768, 12, 12, MLP, 0, 86580480",
    "vitb14_reg, 14, 768, 12, 12, MLP, 4, 86583552",
    "vitb16, 16, 768, 12, 12, MLP, 0, 86718720",
    "vitl14, 14, 1024, 24, 16, SWIGLU, 0, 304794880",
    "vitl14_reg, 14, 1024, 24, 16, SWIGLU, 4, 304798976",
    "vitl16, 16, 1024, 24, 16, SWIGLU, 0, 304979200",
    "vitl16_short, 16, 1024, 24, 16, MLP, 0, 304552960",
    "vitg14, 14, 1536, 40, 24, SWIGLU, 0, 1136480768",
    "vitg14_reg, 14, 1536, 40, 24, SWIGLU, 4, 1136486912",
    "vitg16, 16, 1536, 40, 24, SWIGLU, 0, 1136757248"
  })
  void architecturesAreThePublishedOnes(
      String preset,
      int patch,
      int width,
      int depth,
      int heads,
      Ffn ffn,
      int registers,
      long size) {
    ModelConfig model = Recipes.profile(preset).model();
    double drop = width < 1024 ? 0 : preset.equals("vitl16_short") ? 0.3 : 0.4;
    assertEquals(new ModelConfig(patch, width, depth, heads, ffn, registers, 1e-5, drop), model);
    VisionTransformerConfig released = model.backbone(RELEASED_GRID * patch);
    assertEquals(size, released.parameterCount());
    assertEquals(64, width / heads);
    assertEquals(registers > 0 ? 0.0 : 0.1, released.interpolateOffset());
    assertEquals(registers > 0, released.interpolateAntialias());
  }

  @Test
  void everyViTProfileIsOfThisTable() throws IOException {
    try (Stream<Path> files = Files.list(Recipes.CONF)) {
      Set<String> found =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.startsWith("vit") && name.endsWith(".yaml"))
              .map(name -> name.substring(0, name.length() - ".yaml".length()))
              .collect(Collectors.toCollection(TreeSet::new));
      assertEquals(new TreeSet<>(PRESETS), found);
    }
  }

  private static LossConfig losses(
      Centering centering, HeadConfig dino, boolean separate, HeadConfig ibot) {
    return new LossConfig(
        centering,
        3,
        0.9,
        0.1,
        0.1,
        new DinoConfig(1, dino),
        new IbotConfig(1, separate, ibot, new MaskSampling(0.5, 0.1, 0.5)));
  }

  private static CropsConfig crops(int localSize) {
    return new CropsConfig(224, 0.32, 1, 8, localSize, 0.05, 0.32);
  }

  private static ScheduleConfig published(double learningRate, Scaling scaling) {
    return new ScheduleConfig(
        Shape.COSINE,
        625_000,
        learningRate,
        scaling,
        1e-6,
        100_000,
        1250,
        0.04,
        0.2,
        0.994,
        1,
        0.04,
        0.07,
        37_500);
  }

  @ParameterizedTest
  @CsvSource({
    "vits14, 98", "vits14_reg, 98", "vits16, 96", "vitb14, 98", "vitb14_reg, 98", "vitb16, 96",
    "vitl14, 98", "vitl14_reg, 98", "vitl16, 96", "vitg14, 98", "vitg14_reg, 98", "vitg16, 96"
  })
  void largeRecipesAreThePublishedOnes(String preset, int localSize) {
    TrainingConfig recipe = Recipes.profile(preset);
    boolean distilled = recipe.model().embedDim() < 1024;
    assertEquals(distilled ? 2048 : 3072, recipe.batchImages());
    assertEquals(crops(localSize), recipe.crops());
    assertEquals(
        losses(
            Centering.SINKHORN_KNOPP,
            new HeadConfig(131_072, 2048, 384, 3),
            true,
            new HeadConfig(131_072, 2048, 256, 3)),
        recipe.losses());
    assertEquals(new OptimizerConfig(0.9, 0.999, 1e-8, 3, 1, 0.2), recipe.optimizer());
    assertEquals(
        distilled ? published(1e-3, Scaling.NONE) : published(2e-4, Scaling.SQRT_1024),
        recipe.schedule());
    assertEquals(
        distilled ? 1e-3 : 3.464e-4, recipe.schedule().learningRateAt(recipe.batchImages()), 1e-7);
  }

  @Test
  void theShortRunIsTheOriginalsDefault() {
    TrainingConfig recipe = Recipes.profile("vitl16_short");
    HeadConfig head = new HeadConfig(65_536, 2048, 256, 3);
    assertEquals(2048, recipe.batchImages());
    assertEquals(crops(96), recipe.crops());
    assertEquals(losses(Centering.SOFTMAX, head, false, head), recipe.losses());
    assertEquals(new OptimizerConfig(0.9, 0.999, 1e-8, 3, 0.9, 0.2), recipe.optimizer());
    assertEquals(
        new ScheduleConfig(
            Shape.COSINE,
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
            37_500),
        recipe.schedule());
    assertEquals(5.657e-3, recipe.schedule().learningRateAt(recipe.batchImages()), 1e-6);
  }

  @Test
  void everyValueOfAPresetSaysWhereItIsFrom() throws IOException {
    for (String preset : PRESETS) {
      for (String line : Files.readAllLines(Recipes.CONF.resolve(preset + ".yaml"))) {
        boolean group = line.stripTrailing().endsWith(":");
        boolean remark = line.startsWith("#");
        assertTrue(group || remark || line.contains(" # "), preset + ": " + line);
      }
      assertNotEquals(Recipes.defaults(), Recipes.profile(preset), preset);
    }
  }
}
