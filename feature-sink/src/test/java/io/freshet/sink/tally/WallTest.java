package io.freshet.sink.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WallTest {
  private final Wall wall = new Wall(1_000);

  private void add(int count) {
    for (int i = 0; i < count; i++) {
      long number = wall.newest() + 1;
      wall.add(
          new WallImage.Rejected(
              "http://site/" + number, "ingest", number % 3 == 0 ? "CORRUPT" : "TRUNCATED", "", 0));
    }
  }

  private static List<String> urls(Wall.Part part) {
    return part.images().stream().map(image -> ((WallImage.Rejected) image).url()).toList();
  }

  @Test
  void givesTheNewestFirstAndCountsTheFacets() {
    add(9);
    Wall.Part part = wall.part(Long.MAX_VALUE, 0, 2, WallFilter.ALL);
    assertEquals(List.of("http://site/9", "http://site/8"), urls(part));
    assertEquals(9, part.total());
    assertEquals(Map.of("CORRUPT", 3, "TRUNCATED", 6), part.facets());
  }

  @Test
  void pagesFitTogetherWhileImagesArrive() {
    add(20);
    long upTo = wall.newest();
    add(5);
    assertEquals(
        List.of("http://site/18", "http://site/17"), urls(wall.part(upTo, 2, 2, WallFilter.ALL)));
  }

  @Test
  void narrowsToAFacet() {
    add(9);
    Wall.Part part =
        wall.part(Long.MAX_VALUE, 1, 5, new WallFilter(Optional.of("CORRUPT"), Optional.empty()));
    assertEquals(List.of("http://site/6", "http://site/3"), urls(part));
    assertEquals(3, part.total());
  }

  @Test
  void forgetsTheOldest() {
    add(2_500);
    Wall.Part last = wall.part(Long.MAX_VALUE, 999, 5, WallFilter.ALL);
    assertEquals(List.of("http://site/1501"), urls(last));
    assertEquals(1_000, last.total());
    assertEquals(List.of(), urls(wall.part(1_500, 0, 5, WallFilter.ALL)));
  }
}
