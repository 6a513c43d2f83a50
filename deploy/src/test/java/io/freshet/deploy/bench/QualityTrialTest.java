package io.freshet.deploy.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.deploy.bench.QualityRun.Accuracy;
import io.freshet.deploy.demo.DemoImages;
import io.freshet.platform.config.Config;
import io.freshet.trainer.evaluate.EvaluationConfig;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class QualityTrialTest {
  private static final Config TINY = TinyPhotoRecipe.config();

  private final StringWriter said = new StringWriter();

  private NavigableMap<Long, Accuracy> train(long seed) {
    EvaluationConfig evaluation = TINY.section("trainer.evaluation", EvaluationConfig.class);
    QualitySet.Content content;
    try (DemoImages images = DemoImages.open(Path.of("data"))) {
      QualitySet.Content all = QualitySet.PHOTOS.load(images, evaluation);
      content =
          new QualitySet.Content(
              all.train().subList(0, 40), List.of(all.evaluations().get(0).limited(200, 100)));
    }
    try (TorchScriptLibrary scripts = TrainerScripts.load(TorchRuntime.start())) {
      return new QualityTrial(
              TINY.section("trainer.recipe", TrainingConfig.class),
              evaluation,
              content,
              scripts,
              new PrintWriter(said))
          .train(seed, new TreeSet<>(List.of(0L, 9L, 6L * TinyPhotoRecipe.BATCH)));
    }
  }

  @Test
  void theSameSeedGivesTheSameAccuraciesAtTheReadingsAndAnotherSeedOthers() {
    NavigableMap<Long, Accuracy> first = train(1);
    assertEquals(List.of(0L, 9L, 24L), List.copyOf(first.keySet()));
    assertEquals(first, train(1));
    assertNotEquals(first, train(2));
    assertTrue(said.toString().contains("seed 2, 24 images: k-NN photos"), said.toString());
  }

  @Test
  void trainingChangesTheTeacherThatIsMeasured() {
    NavigableMap<Long, Accuracy> read = train(1);
    assertNotEquals(read.firstEntry().getValue(), read.lastEntry().getValue());
  }
}
