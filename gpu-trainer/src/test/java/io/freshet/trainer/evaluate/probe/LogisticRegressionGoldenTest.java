package io.freshet.trainer.evaluate.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.evaluate.LabelledFeatures;
import io.freshet.trainer.evaluate.probe.LogisticRegression.Fit;
import io.freshet.trainer.evaluate.probe.LogisticRegression.Precision;
import io.freshet.trainer.testing.Close;
import io.freshet.trainer.testing.Probes;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Another solver's minima on random features. */
class LogisticRegressionGoldenTest {
  private static final Npz LOGREG = Goldens.npz("eval", "logreg.npz");
  private static final String OBJECTIVE = "/objective";

  /** Each C that was fitted, as the arrays' names write it. */
  static List<String> cases() {
    return LOGREG.names().stream()
        .filter(name -> name.endsWith(OBJECTIVE))
        .map(name -> name.substring(1, name.length() - OBJECTIVE.length()))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void minimumAndProbabilitiesEqualTheReference(String name) {
    double c = Double.parseDouble(name);
    LabelledFeatures queries = Probes.labelled(LOGREG, "test");
    try (LogisticRegression regression = regression()) {
      Fit fit = regression.fit(c);

      double expected = LOGREG.get("C" + name + OBJECTIVE).scalar();
      Close.within(1e-6, 0).check("objective", expected, fit.objective());
      assertTrue(fit.converged());
      double[][] probabilities = fit.classifier().probabilities(queries.features());
      Close.within(0, 1e-3)
          .check(
              "probabilities",
              LOGREG.get("C" + name + "/test_proba").doubles(),
              Arrays.stream(probabilities).flatMapToDouble(Arrays::stream).toArray());
      int position = cases().indexOf(name);
      assertEquals(c, LOGREG.get("C_tested").doubles()[position]);
      assertEquals(
          LOGREG.get("test_accuracy").doubles()[position],
          HeldOut.accuracy(fit.classifier().predictions(queries.features()), queries.labels()),
          1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aWarmStartEndsAtTheSameMinimum(String name) {
    double c = Double.parseDouble(name);
    try (LogisticRegression regression = regression()) {
      Fit near = regression.fit(c / 2);

      Fit fit = regression.fit(c, Optional.of(near), Precision.MINIMUM);

      Close.within(1e-6, 0)
          .check("objective", LOGREG.get("C" + name + OBJECTIVE).scalar(), fit.objective());
    }
  }

  @Test
  void theGridIsTheOriginals() {
    Close.within(1e-6, 0)
        .check(
            "C",
            LOGREG.get("C_grid").doubles(),
            LogisticSweep.GRID.stream().mapToDouble(c -> c).toArray());
  }

  private static LogisticRegression regression() {
    LabelledFeatures training = Probes.labelled(LOGREG, "train");
    return new LogisticRegression(Probes.SCRIPTS, training, training.classes());
  }
}
