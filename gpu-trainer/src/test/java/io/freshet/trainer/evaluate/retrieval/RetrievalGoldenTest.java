package io.freshet.trainer.evaluate.retrieval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.trainer.evaluate.retrieval.Relevance.Protocol;
import io.freshet.trainer.testing.Probes;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The evaluation code of the revisited benchmark on random features. */
class RetrievalGoldenTest {
  private static final Npz RETRIEVAL = Goldens.npz("eval", "retrieval.npz");

  @Test
  void rankingsEqualTheReference() {
    int[][] rankings = rankings();
    long[] expected = RETRIEVAL.get("ranks").longs();
    for (int query = 0; query < rankings.length; query++) {
      for (int rank = 0; rank < rankings[query].length; rank++) {
        assertEquals(expected[rank * rankings.length + query], rankings[query][rank]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void scoresEqualTheReference(Protocol protocol) {
    JsonNode truth = truth();
    int[] ks =
        IntStream.range(0, truth.required("ks").size())
            .map(i -> truth.required("ks").get(i).intValue())
            .toArray();
    String key = protocol.name().toLowerCase(Locale.ROOT);

    int[][] rankings = rankings();
    RetrievalScore score =
        RetrievalScore.of(
            rankings.length,
            query -> rankings[query],
            query -> relevance(truth).get(query),
            protocol,
            ks);

    assertEquals(RETRIEVAL.get(key + "/map").scalar(), score.map().orElseThrow(), 1e-12);
    assertArrayEquals(
        RETRIEVAL.get(key + "/aps").doubles(),
        score.averagePrecision().stream().mapToDouble(ap -> ap).toArray(),
        1e-12);
    JsonNode precision = truth.required("expected").required(key).required("mP_at");
    for (int i = 0; i < ks.length; i++) {
      assertEquals(
          precision.required(Integer.toString(ks[i])).doubleValue(),
          score.precision().get(i),
          1e-12);
    }
  }

  private static int[][] rankings() {
    CosineRanking ranking = new CosineRanking(Probes.rows(RETRIEVAL.get("db_features")));
    return Stream.of(Probes.rows(RETRIEVAL.get("query_features")))
        .map(ranking::of)
        .toArray(int[][]::new);
  }

  private static JsonNode truth() {
    try {
      return new ObjectMapper().readTree(Goldens.dir("eval").resolve("retrieval.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Relevance> relevance(JsonNode truth) {
    List<Relevance> relevance = new ArrayList<>();
    for (JsonNode query : truth.required("gnd")) {
      relevance.add(
          new Relevance(
              numbers(query.required("easy")),
              numbers(query.required("hard")),
              numbers(query.required("junk"))));
    }
    return relevance;
  }

  private static Set<Integer> numbers(JsonNode array) {
    Set<Integer> numbers = new HashSet<>();
    array.forEach(number -> numbers.add(number.intValue()));
    return numbers;
  }
}
