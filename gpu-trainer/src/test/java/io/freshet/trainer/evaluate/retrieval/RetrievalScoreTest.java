package io.freshet.trainer.evaluate.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.evaluate.retrieval.Relevance.Protocol;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RetrievalScoreTest {
  private static final int[] RANKING = {0, 1, 2, 3, 4};

  private static double map(Relevance relevance, Protocol protocol) {
    return score(protocol, relevance).map().orElseThrow();
  }

  private static RetrievalScore score(Protocol protocol, Relevance... queries) {
    return RetrievalScore.of(
        queries.length, query -> RANKING, query -> queries[query], protocol, 1);
  }

  @Test
  void everythingRightFirstIsPerfect() {
    assertEquals(1, map(new Relevance(Set.of(0, 1), Set.of(), Set.of()), Protocol.EASY));
  }

  @Test
  void aHitAtTheSecondRankIsTheAreaOfATrapezoid() {
    // precision 0 before it, 1/2 after it
    assertEquals(0.25, map(new Relevance(Set.of(1), Set.of(), Set.of()), Protocol.EASY));
  }

  @Test
  void junkIsTakenOutOfTheRanking() {
    assertEquals(1, map(new Relevance(Set.of(1), Set.of(), Set.of(0)), Protocol.EASY));
  }

  @Test
  void hardImagesAreJunkForEasyAndRightForMedium() {
    Relevance relevance = new Relevance(Set.of(1), Set.of(0), Set.of());
    assertEquals(1, map(relevance, Protocol.EASY));
    assertEquals(1, map(relevance, Protocol.MEDIUM));
    assertEquals(1, map(relevance, Protocol.HARD));
    assertEquals(0.25, map(new Relevance(Set.of(4), Set.of(1), Set.of()), Protocol.HARD));
  }

  @Test
  void aQueryWithoutAnythingToFindIsLeftOut() {
    Relevance nothing = new Relevance(Set.of(), Set.of(), Set.of(2));
    RetrievalScore score =
        score(Protocol.EASY, nothing, new Relevance(Set.of(0), Set.of(), Set.of()));
    assertEquals(1, score.map().orElseThrow());
    assertTrue(score.averagePrecision().get(0).isNaN());
    assertEquals(List.of(1.0), score.precision());
    assertTrue(score(Protocol.EASY, nothing).map().isEmpty());
  }
}
