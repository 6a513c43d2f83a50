package io.freshet.dedup.similarity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.testing.MapTable;
import io.freshet.dedup.testing.Requests;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.BeforeTry;

class BackgroundPropertyTest {
  private static final int DIM = 8;
  private static final double COPIES = 0.9;

  private List<String> imageIds;
  private List<float[]> vectors;

  @BeforeTry
  void startEmpty() {
    imageIds = new ArrayList<>();
    vectors = new ArrayList<>();
  }

  @Property(tries = 60)
  void anImagesExcessDependsOnItsPlaceAloneHoweverImagesComeAndTasksRestart(
      @ForAll long seed, @ForAll @IntRange(min = 16, max = 24) int images, @ForAll boolean often) {
    Random random = new Random(seed);
    Normalisation settings = new Normalisation(1, 3, images, often ? images : 3 * images);
    passing(200, random);
    MapTable<Integer, byte[]> table = new MapTable<>();
    Background background = open(table, settings);
    float[] excess = new float[imageIds.size()];
    for (int from = 0; from < excess.length; ) {
      int until = Math.min(excess.length, from + 1 + random.nextInt(70));
      float[] some = background.pass(imageIds.subList(from, until), vectors.subList(from, until));
      System.arraycopy(some, 0, excess, from, some.length);
      if (random.nextInt(3) == 0) {
        background = open(table, settings);
      }
      from = until;
      assertTrue(table.size() <= 2 * images + 1, "state is bounded: " + table.size());
    }
    assertArrayEquals(BackgroundOracle.excess(imageIds, vectors, settings, COPIES), excess, 1e-5f);
  }

  @Example
  void anImageHasNoExcessBeforeThereIsABackground() {
    passing(17, new Random(1));
    Background background = open(new MapTable<>(), new Normalisation(1, 3, 16, 16));
    float[] excess = background.pass(imageIds, vectors);
    for (int i = 0; i < 16; i++) {
      assertEquals(0, excess[i]);
    }
    assertTrue(excess[16] != 0);
    assertEquals(16, background.images());
  }

  @Example
  void copiesOfAnImageAreNoBackgroundToIt() {
    Random random = new Random(2);
    passing(16, random);
    Background background = open(new MapTable<>(), new Normalisation(1, 3, 16, 1_000));
    background.pass(imageIds, vectors);
    float[] image = UnitVectors.random(DIM, random);
    float before = background.pass(List.of("a"), List.of(image))[0];

    // Every place but those of the three nearest.
    MapTable<Integer, byte[]> table = new MapTable<>();
    List<float[]> withCopies = new ArrayList<>(vectors);
    vectors.stream()
        .sorted((x, y) -> Double.compare(UnitVectors.dot(x, image), UnitVectors.dot(y, image)))
        .limit(13)
        .forEach(far -> withCopies.set(vectors.indexOf(far), image));
    Background ofCopies = open(table, new Normalisation(1, 3, 16, 1_000));
    ofCopies.pass(imageIds, withCopies);
    float after = ofCopies.pass(List.of("a"), List.of(image))[0];
    assertEquals(before + background.usual(), after + ofCopies.usual(), 1e-5);
  }

  @Example
  void anImageOfWhichAllOfTheBackgroundAreCopiesHasNoExcess() {
    float[] image = UnitVectors.random(DIM, new Random(3));
    for (int i = 0; i < 20; i++) {
      imageIds.add(Requests.imageId(i));
      vectors.add(image);
    }
    Background background = open(new MapTable<>(), new Normalisation(1, 3, 16, 16));
    assertArrayEquals(new float[20], background.pass(imageIds, vectors));
  }

  /** What was sampled for another size is dropped, what is in place stays until it is renewed. */
  @Example
  void theSizeMayChangeOverARestart() {
    passing(100, new Random(4));
    MapTable<Integer, byte[]> table = new MapTable<>();
    open(table, new Normalisation(1, 3, 20, 30))
        .pass(imageIds.subList(0, 40), vectors.subList(0, 40));
    Background larger = open(table, new Normalisation(1, 3, 25, 30));
    larger.pass(imageIds.subList(40, 69), vectors.subList(40, 69));
    assertEquals(20, larger.images());
    larger.pass(imageIds.subList(69, 70), vectors.subList(69, 70));
    assertEquals(25, larger.images());
    Background smaller = open(table, new Normalisation(1, 3, 16, 16));
    smaller.pass(imageIds.subList(70, 86), vectors.subList(70, 86));
    assertEquals(16, smaller.images());
    assertEquals(16 + 1, table.size(), "nothing is left of those before");
  }

  private void passing(int images, Random random) {
    for (int i = 0; i < images; i++) {
      imageIds.add(Requests.imageId(i));
      vectors.add(
          i > 0 && random.nextInt(4) == 0
              ? UnitVectors.atCosine(
                  vectors.get(random.nextInt(i)), 0.6 + 0.4 * random.nextDouble(), random)
              : UnitVectors.random(DIM, random));
    }
  }

  private static Background open(MapTable<Integer, byte[]> table, Normalisation settings) {
    return new Background(table, settings, COPIES, new ScannedBackground());
  }
}
