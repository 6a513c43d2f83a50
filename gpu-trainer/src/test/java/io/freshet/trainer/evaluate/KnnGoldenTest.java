package io.freshet.trainer.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The original's {@code KnnModule} on random features. */
class KnnGoldenTest {
  private static final float TOLERANCE = 1e-5f;
  private static final Pattern PROBABILITIES = Pattern.compile("k([0-9_]+)/probas_k([0-9]+)");
  private static final Npz KNN = Goldens.npz("eval", "knn.npz");

  static List<String> cases() {
    return KNN.names().stream().filter(name -> PROBABILITIES.matcher(name).matches()).toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void votesEqualTheOriginal(String name) throws IOException {
    Matcher match = PROBABILITIES.matcher(name);
    assertEquals(true, match.matches());
    int k = Integer.parseInt(match.group(2));
    int widest =
        Pattern.compile("_")
            .splitAsStream(match.group(1))
            .mapToInt(Integer::parseInt)
            .max()
            .orElseThrow();
    KnnEvaluation knn = new KnnEvaluation(widest, temperature());

    float[][] votes = knn.votes(bank(), queries(), k);

    Npz.Array expected = KNN.get(name);
    assertArrayEquals(expected.floats(), flat(votes), TOLERANCE);
    long[] predicted = KNN.get(name.replace("probas", "pred")).longs();
    assertArrayEquals(
        predicted, IntStream.range(0, votes.length).mapToLong(q -> argmax(votes[q])).toArray());
    JsonNode scores = expectedScores(name.replace("/probas_", "/"));
    KnnScore score = knn.score(bank(), queries(), k);
    assertEquals(scores.required("top1").doubleValue(), score.top1(), 1e-6);
    assertEquals(scores.required("top5").doubleValue(), score.top5(), 1e-6);
  }

  @Test
  void fewExamplesPerClassEqualTheOriginal() {
    int[] picked = KNN.get("npc5/train_index").ints();
    LabelledFeatures all = bank();
    LabelledFeatures few =
        new LabelledFeatures(
            IntStream.of(picked).mapToObj(i -> all.features()[i]).toArray(float[][]::new),
            IntStream.of(picked).map(all::label).toArray());

    float[][] votes = new KnnEvaluation(5, temperature()).votes(few, queries(), 5);

    assertArrayEquals(KNN.get("npc5/probas_k5").floats(), flat(votes), TOLERANCE);
  }

  @Test
  void thereAreCases() {
    assertFalse(cases().isEmpty());
  }

  private static double temperature() {
    return KNN.get("temperature").doubles()[0];
  }

  private static JsonNode expectedScores(String key) throws IOException {
    Map<String, JsonNode> all =
        new ObjectMapper()
            .convertValue(
                new ObjectMapper()
                    .readTree(Goldens.dir("eval").resolve("expected.json").toFile())
                    .required("knn"),
                new com.fasterxml.jackson.core.type.TypeReference<Map<String, JsonNode>>() {});
    return all.get(key);
  }

  private static LabelledFeatures bank() {
    return features("train");
  }

  private static LabelledFeatures queries() {
    return features("test");
  }

  private static LabelledFeatures features(String split) {
    Npz.Array rows = KNN.get(split + "_features");
    int dim = Math.toIntExact(rows.dims()[1]);
    float[] values = rows.floats();
    float[][] features = new float[Math.toIntExact(rows.dims()[0])][dim];
    for (int row = 0; row < features.length; row++) {
      System.arraycopy(values, row * dim, features[row], 0, dim);
    }
    return new LabelledFeatures(features, KNN.get(split + "_labels").ints());
  }

  private static float[] flat(float[][] rows) {
    float[] flat = new float[rows.length * rows[0].length];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, flat, row * rows[0].length, rows[0].length);
    }
    return flat;
  }

  private static long argmax(float[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }
}
