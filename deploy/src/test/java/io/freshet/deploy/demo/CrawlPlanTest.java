package io.freshet.deploy.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.deploy.demo.DemoImages.PhotoSize;
import io.freshet.deploy.demo.DemoImages.PhotoSquare;
import io.freshet.deploy.demo.DemoImages.Split;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CrawlPlanTest {
  private static final CrawlPlan.Mix MIX = new CrawlPlan.Mix(0.22, 0.12, 0.06);
  private static final int ITEMS = 6_000;

  private static DemoImages images;
  private static DemoSeeds seeds;

  @BeforeAll
  static void open() {
    images = DemoImages.open(Path.of("data"));
    seeds = new DemoSeeds(images, 10);
  }

  @AfterAll
  static void close() {
    images.close();
  }

  @Test
  void seedsAreTenOfEachClassOfBothDatasets() {
    assertEquals(33 * 10, seeds.photoSquares().size());
    assertEquals(9 * 10, seeds.drawingFiles().size());
  }

  @Test
  void isTheSameSequenceForTheSameSeed() {
    CrawlPlan a = new CrawlPlan(images, seeds, MIX, 5);
    CrawlPlan b = new CrawlPlan(images, seeds, MIX, 5);
    b.item(ITEMS - 1); // Asked for out of order.
    assertEquals(items(a), items(b));
    assertFalse(items(a).equals(items(new CrawlPlan(images, seeds, MIX, 6))));
  }

  @Test
  void neverShowsWhatIsEvaluated() {
    Set<String> evaluated = new HashSet<>();
    images
        .labelledDrawings()
        .forEach(
            (file, label) -> {
              if (label.split() == Split.EVAL) {
                evaluated.add(file);
              }
            });
    for (CrawlItem item : items(new CrawlPlan(images, seeds, MIX, 5))) {
      if (item instanceof CrawlItem.Square square) {
        assertInTrainHalf(square.square());
      } else if (item instanceof CrawlItem.Drawing drawing) {
        assertFalse(evaluated.contains(drawing.file()), drawing.file());
      }
    }
  }

  @Test
  void cutsEverySquareOnceAndThenNewOnes() {
    List<PhotoSquare> served =
        items(new CrawlPlan(images, seeds, MIX, 5)).stream()
            .filter(CrawlItem.Square.class::isInstance)
            .map(item -> ((CrawlItem.Square) item).square())
            .toList();
    Set<PhotoSquare> listed = new HashSet<>(images.squares(Split.TRAIN));
    listed.removeAll(seeds.photoSquares());
    Set<PhotoSquare> distinct = new HashSet<>(served);
    assertTrue(distinct.containsAll(listed), "all " + listed.size() + " listed squares");
    assertTrue(distinct.size() > listed.size() + 500, "new squares follow: " + distinct.size());
  }

  @Test
  void holdsTheSharesThatWereAskedFor() {
    List<CrawlItem> all = items(new CrawlPlan(images, seeds, MIX, 5));
    double copies = share(all, CrawlItem.Copy.class);
    double defects =
        share(all, CrawlItem.Truncated.class)
            + share(all, CrawlItem.HtmlAsJpeg.class)
            + share(all, CrawlItem.Missing.class)
            + share(all, CrawlItem.Forbidden.class);
    assertEquals(0.12, copies, 0.02);
    assertEquals(0.06, defects, 0.02);
  }

  private static void assertInTrainHalf(PhotoSquare square) {
    PhotoSize half = images.photoSizes().get(square.photo()).trainHalf();
    assertTrue(square.x() + square.side() <= half.width(), square.toString());
    assertTrue(square.y() + square.side() <= half.height(), square.toString());
  }

  private static double share(List<CrawlItem> items, Class<? extends CrawlItem> kind) {
    return (double) items.stream().filter(kind::isInstance).count() / items.size();
  }

  private static List<CrawlItem> items(CrawlPlan plan) {
    return IntStream.range(0, ITEMS).mapToObj(plan::item).toList();
  }
}
