package io.freshet.deploy.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.deploy.demo.DemoImages;
import io.freshet.platform.config.Config;
import io.freshet.trainer.evaluate.EvaluationConfig;
import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.schedule.ScheduleConfig.Shape;
import io.freshet.trainer.step.TrainingConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class QualitySetTest {
  private static Config config(QualitySet set) {
    return Config.defaults().profile(set.profile());
  }

  private static TrainingConfig recipe(QualitySet set) {
    return config(set).section("trainer.recipe", TrainingConfig.class);
  }

  private static QualitySet.Content load(QualitySet set) {
    try (DemoImages images = DemoImages.open(Path.of("data"))) {
      return set.load(images, config(set).section("trainer.evaluation", EvaluationConfig.class));
    }
  }

  @Test
  void splitsAreThoseThatTheOriginalWasMeasuredOn() {
    QualitySet.Content photos = load(QualitySet.PHOTOS);
    assertEquals(1980, photos.train().size());
    assertEquals(1980, photos.evaluations().get(0).queries().size());
    assertEquals(33, photos.evaluations().get(0).classes().size());
    QualitySet.Content drawings = load(QualitySet.DRAWINGS);
    assertEquals(1292, drawings.train().size());
    assertEquals(1292, drawings.evaluations().get(0).bank().size());
    assertEquals(646, drawings.evaluations().get(0).queries().size());
    assertEquals(9, drawings.evaluations().get(0).classes().size());
  }

  @Test
  void recipesAreThoseThatTheOriginalWasMeasuredWith() {
    TrainingConfig photos = recipe(QualitySet.PHOTOS);
    assertEquals(16, photos.model().patchSize());
    assertEquals(256, photos.losses().dino().head().prototypes());
    assertEquals(Centering.SOFTMAX, photos.losses().centering());
    TrainingConfig drawings = recipe(QualitySet.DRAWINGS);
    assertEquals(8, drawings.model().patchSize());
    assertEquals(2048, drawings.losses().dino().head().prototypes());
    assertEquals(Centering.SINKHORN_KNOPP, drawings.losses().centering());
    for (QualitySet set : List.of(QualitySet.PHOTOS, QualitySet.DRAWINGS)) {
      TrainingConfig recipe = recipe(set);
      assertEquals(Shape.COSINE, recipe.schedule().shape());
      // The schedule ends at the original's last reading.
      assertEquals(recipe.schedule().steps(), QualityTrial.stepsTo(set.readings().last(), recipe));
      assertEquals(1e-3, recipe.schedule().learningRateAt(recipe.batchImages()));
    }
  }

  @Test
  void theOriginalWasNotMeasuredEverywhere() {
    assertEquals(Optional.of(48.6), QualitySet.PHOTOS.original(16_000));
    assertEquals(Optional.empty(), QualitySet.PHOTOS.original(12_000));
    assertEquals(Optional.empty(), QualitySet.MIXED.original(8_000));
  }

  @Test
  void refusesTheNameOfNoSet() {
    assertThrows(
        TypeConversionException.class, () -> new QualitySet.Converter().convert("sketches"));
  }
}
