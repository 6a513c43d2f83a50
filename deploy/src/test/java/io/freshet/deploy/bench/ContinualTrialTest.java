package io.freshet.deploy.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.freshet.deploy.demo.DemoImages;
import io.freshet.platform.config.Config;
import io.freshet.trainer.data.ReplayConfig;
import io.freshet.trainer.evaluate.EvaluationConfig;
import io.freshet.trainer.evaluate.EvaluationSet;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ContinualTrialTest {
  private static final Config TINY =
      TinyPhotoRecipe.shrunk(Config.defaults().profile("quality-photos").profile("bench-continual"))
          .withYaml(
              "small buffer",
              "trainer: {replay: {fresh_capacity: 8, balanced_capacity: 16, min_images: 8}}");

  /** Every twentieth square: three of each photograph in each half. */
  private static QualityData squares(EvaluationConfig evaluation) {
    QualityData all;
    try (DemoImages images = DemoImages.open(Path.of("data"))) {
      all = QualityData.photos(images, evaluation);
    }
    EvaluationSet set = all.evaluation();
    return new QualityData(
        thinned(all.train()),
        new EvaluationSet(
            set.dataset(), set.classes(), thinned(set.bank()), thinned(set.queries())));
  }

  private static <T> List<T> thinned(List<T> all) {
    return IntStream.range(0, all.size() / 20).mapToObj(i -> all.get(20 * i)).toList();
  }

  @Test
  void everyArmIsReadAfterEachPhaseAndTheSameSeedGivesTheSameReadings() {
    EvaluationConfig evaluation = TINY.section("trainer.evaluation", EvaluationConfig.class);
    QualityData data = squares(evaluation);
    assertEquals(99, data.train().size());
    try (TorchScriptLibrary scripts = TrainerScripts.load(TorchRuntime.start())) {
      ContinualTrial trial =
          new ContinualTrial(
              TINY.section("trainer.recipe", TrainingConfig.class),
              TINY.section("trainer.replay", ReplayConfig.class),
              evaluation,
              data,
              3,
              4,
              scripts,
              new PrintWriter(Writer.nullWriter()));
      double[][] with = trial.train(ContinualArm.WITH_REPLAY, 1).percent();
      assertEquals(3, with.length);
      assertFalse(Arrays.equals(trial.untrained(1), with[2]), "training changed nothing");
      assertArrayEquals(with, trial.train(ContinualArm.WITH_REPLAY, 1).percent());
      for (ContinualArm other : List.of(ContinualArm.WITHOUT_REPLAY, ContinualArm.MIXED_STREAM)) {
        assertFalse(Arrays.deepEquals(with, trial.train(other, 1).percent()), other.key());
      }
    }
  }
}
