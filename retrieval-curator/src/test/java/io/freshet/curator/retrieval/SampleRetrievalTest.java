package io.freshet.curator.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class SampleRetrievalTest {
  private static final Seed NORTH = new Seed("north", "compass", new float[] {0, 1});
  private static final Seed EAST = new Seed("east", "compass", new float[] {1, 0});

  @Test
  void takesTheNearestOfEachSeed() {
    List<Selection> selected =
        new SampleRetrieval(1, -1)
            .select(
                List.of(NORTH, EAST), List.of(at("a", 80), at("b", 60), at("c", 5), at("d", 200)));
    assertEquals(List.of("c", "a"), selected.stream().map(Selection::imageId).toList());
    assertEquals(List.of("east", "north"), selected.stream().map(Selection::seedId).toList());
    assertEquals(List.of(1, 1), selected.stream().map(Selection::rank).toList());
  }

  @Test
  void selectsAnImageOncePerDatasetWithItsNearestSeed() {
    Seed other = new Seed("other", "stars", new float[] {0, 1});
    List<Selection> selected =
        new SampleRetrieval(4, -1).select(List.of(NORTH, EAST, other), List.of(at("a", 50)));
    assertEquals(
        List.of("compass/north", "stars/other"),
        selected.stream().map(s -> s.dataset() + "/" + s.seedId()).toList());
  }

  @Test
  void leavesOutWhatIsTooFar() {
    List<Selection> selected =
        new SampleRetrieval(4, 0.9).select(List.of(NORTH), List.of(at("near", 85), at("far", 40)));
    assertEquals(List.of("near"), selected.stream().map(Selection::imageId).toList());
  }

  @Test
  void selectsNothingWithoutSeedsOrImages() {
    assertTrue(new SampleRetrieval(4, -1).select(List.of(), List.of(at("a", 1))).isEmpty());
    assertTrue(new SampleRetrieval(4, -1).select(List.of(NORTH), List.of()).isEmpty());
  }

  @Test
  void refusesVectorsOfAnotherLength() {
    Candidate longer = new Candidate("longer", new float[] {1, 0, 0});
    assertThrows(
        IllegalArgumentException.class,
        () -> new SampleRetrieval(4, -1).select(List.of(NORTH), List.of(longer)));
  }

  private static Candidate at(String id, double degrees) {
    double angle = Math.toRadians(degrees);
    return new Candidate(id, new float[] {(float) Math.cos(angle), (float) Math.sin(angle)});
  }
}
