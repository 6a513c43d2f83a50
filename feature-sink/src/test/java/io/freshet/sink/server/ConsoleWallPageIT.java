package io.freshet.sink.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The walls of images in a real browser. */
class ConsoleWallPageIT {
  private static final Logger LOG = LoggerFactory.getLogger(ConsoleWallPageIT.class);

  private static final int MAX_MILLIS_OF_A_SCREEN = 50;
  private static final int MAX_TASK_MILLIS = 2_000;
  private static final Duration SCROLLING = Duration.ofMinutes(4);

  @RegisterExtension static final ConsolePage PAGE = new ConsolePage();

  @Test
  void aWallOfTenThousandImagesHoldsOnlyTheTilesInView() throws Exception {
    PAGE.view("images/unique");
    PAGE.browser().await("document.getElementById('wall-note').textContent === '10,000'");
    PAGE.browser().await("document.querySelectorAll('#wall .tile').length > 10");
    PAGE.browser().evaluate("document.getElementById('wall').scrollTop = 1e9");
    PAGE.browser().await("document.querySelector('#wall .tile[data-index=\"9999\"]')");
    assertTrue(
        PAGE.browser().evaluate("document.querySelectorAll('#wall .tile').length").asInt() < 150);
    assertTrue(PAGE.text("#wall .tile[data-index=\"9999\"] .line").startsWith("image "));
  }

  @Test
  void theKeyboardGoesThroughTheWallAndOpensAnImage() throws Exception {
    PAGE.view("images/unique");
    PAGE.browser().await("document.querySelector('#wall .tile[data-index=\"0\"]')");
    PAGE.browser().evaluate("document.querySelector('#wall .tile').focus()");
    PAGE.browser().press("ArrowRight", 39);
    PAGE.browser().await("document.activeElement.dataset.index === '1'");
    PAGE.browser().press("ArrowDown", 40);
    PAGE.browser().await("Number(document.activeElement.dataset.index) > 3");
    PAGE.browser().press("End", 35);
    PAGE.browser().await("document.activeElement.dataset.index === '9999'");
    PAGE.browser().press("PageUp", 33);
    PAGE.browser().await("Number(document.activeElement.dataset.index) < 9999");
    PAGE.browser().press("Home", 36);
    PAGE.browser().await("document.activeElement.dataset.index === '0'");
    PAGE.browser().evaluate("document.activeElement.click()");
    PAGE.browser().await("document.getElementById('image-dialog').open");
    PAGE.browser().press("Escape", 27);
    PAGE.browser().await("!document.getElementById('image-dialog').open");
  }

  @Test
  void aCuratedImageStandsBesideItsSeedAndLeadsToAllThatTheSeedRetrieved() throws Exception {
    PAGE.view("images/curated");
    PAGE.browser().await("document.querySelectorAll('#wall .tile').length === 3");
    // One of an unknown seed stands alone.
    assertEquals(
        5, PAGE.browser().evaluate("document.querySelectorAll('#wall .tile img').length").asInt());
    PAGE.browser().evaluate("document.querySelector('#wall .tile').click()");
    PAGE.browser().await("document.querySelectorAll('#image-dialog .pictures img').length === 2");
    PAGE.browser()
        .evaluate(
            "[...document.querySelectorAll('#image-dialog a')]"
                + ".find(link => link.textContent === 'All of this seed').click()");
    PAGE.browser().await("document.querySelectorAll('#wall .tile').length === 2");
    PAGE.browser().await("location.hash === '#/images/curated//" + PageStream.SEED + "'");
    assertTrue(PAGE.text("#wall-asker").contains("5eed5eed5eed"), PAGE.text("#wall-asker"));
    PAGE.browser().evaluate("document.getElementById('wall-asker').click()");
    PAGE.browser().await("document.querySelectorAll('#wall .tile').length === 3");
    PAGE.browser().await("document.getElementById('wall-asker').hidden");
  }

  @Test
  void eachDuplicateStandsBesideWhatItDuplicates() throws Exception {
    PAGE.view("images/duplicate");
    assertEquals(PAGE.stream().keptByDuplicate(), pairs(12));
  }

  @Test
  void eachCuratedImageStandsBesideItsSeed() throws Exception {
    PAGE.view("images/curated");
    Map<String, String> pairs = new HashMap<>();
    pairs.put("%064x".formatted(1), PageStream.SEED);
    pairs.put("%064x".formatted(2), null); // Nobody knows its seed.
    pairs.put("%064x".formatted(3), PageStream.SEED);
    assertEquals(pairs, pairs(3));
  }

  @Test
  void whatWasNotChosenStandsBesideItsNearestSeedAndSaysWhy() throws Exception {
    PAGE.view("images/passed");
    Map<String, String> pairs = new HashMap<>();
    pairs.put("%064x".formatted(4), PageStream.SEED);
    pairs.put("%064x".formatted(5), PageStream.SEED);
    pairs.put("%064x".formatted(6), null);
    assertEquals(pairs, pairs(3));
    PAGE.view("images/passed/FAR");
    PAGE.browser().await("document.querySelectorAll('#wall .tile').length === 1");
    assertEquals("photos · cosine 0.25", PAGE.text("#wall .tile .line.soft"));
    PAGE.browser().evaluate("document.querySelector('#wall .tile').click()");
    PAGE.browser().await("document.getElementById('image-dialog').open");
    String facts = PAGE.text("#image-dialog .facts");
    assertTrue(facts.contains("no seed is as near as it takes"), facts);
    assertTrue(facts.contains("0.5000"), facts);
    PAGE.browser().press("Escape", 27);
    PAGE.browser().await("!document.getElementById('image-dialog').open");
  }

  /** The image left on each tile, with that right of it, once all are drawn. */
  private static Map<String, String> pairs(int tiles) throws Exception {
    PAGE.browser().await("document.querySelectorAll('#wall .tile').length === " + tiles);
    PAGE.browser()
        .await(
            "[...document.querySelectorAll('#wall .tile img')].every(each => each.naturalWidth > 0)");
    Map<String, String> pairs = new HashMap<>();
    for (JsonNode images : PAGE.browser().evaluate(PICTURES_FROM_LEFT_TO_RIGHT)) {
      assertTrue(images.size() <= 2, images.toString());
      pairs.put(images.get(0).asText(), images.size() == 2 ? images.get(1).asText() : null);
    }
    assertEquals(tiles, pairs.size());
    return pairs;
  }

  /** Of each tile the ids of those that stand in one row, as a reader sees them. */
  private static final String PICTURES_FROM_LEFT_TO_RIGHT =
      "[...document.querySelectorAll('#wall .tile')].map(tile => {"
          + "const seen = [...tile.querySelectorAll('img')]"
          + ".map(img => ({id: img.src.split('/').at(-2), at: img.getBoundingClientRect()}))"
          + ".sort((a, b) => a.at.left - b.at.left);"
          + "const apart = seen.every((one, i) => one.at.width > 40 && one.at.top === seen[0].at.top"
          + " && (!i || one.at.left >= seen[i - 1].at.right));"
          + "return apart ? seen.map(one => one.id) : ['they overlap'];})";

  /**
   * A wall that held all its tiles would have a hundred times as many elements, and be busy for
   * seconds at a time. How long a task took by the clock is a busy machine's matter, too; what the
   * tasks took of a core is the page's alone.
   */
  @Test
  void tenThousandImagesAreScrolledThroughWithFewElementsAndNoLongTask() throws Exception {
    PAGE.view("images/unique");
    PAGE.browser().await("document.getElementById('wall-note').textContent === '10,000'");
    double before = PAGE.browser().taskSeconds();
    PAGE.browser().evaluate(SCROLL_THROUGH);
    PAGE.browser().await("window.seen", SCROLLING);
    JsonNode seen = PAGE.browser().evaluate("window.seen");
    double millis = 1e3 * (PAGE.browser().taskSeconds() - before);
    PAGE.browser().await("document.querySelector('#wall .tile[data-index=\"9999\"]')");
    int screens = seen.at("/screens").asInt();
    String found = "%.0f ms of a core for %s".formatted(millis, seen);
    LOG.info("scrolled through: {}", found);
    assertTrue(screens > 200, found);
    assertTrue(seen.at("/elements").asInt() < 1_000, found);
    assertTrue(seen.at("/with_tiles").asInt() > 10, found);
    assertTrue(millis / screens < MAX_MILLIS_OF_A_SCREEN, found);
    assertTrue(seen.at("/longest_ms").asInt() < MAX_TASK_MILLIS, found);
  }

  /**
   * A screen each frame; tells how many had tiles, the most elements, tasks that held a frame up.
   */
  private static final String SCROLL_THROUGH =
      "(() => {"
          + "const wall = document.getElementById('wall'), tasks = [];"
          + "new PerformanceObserver(list => tasks.push(...list.getEntries().map(each =>"
          + " Math.round(each.duration)))).observe({type: 'longtask'});"
          + "let screens = 0, elements = 0, withTiles = 0;"
          + "const next = () => {"
          + "elements = Math.max(elements, wall.querySelectorAll('*').length);"
          + "withTiles += wall.querySelector('.tile') !== null;"
          + "if (wall.scrollTop + wall.clientHeight >= wall.scrollHeight - 1) setTimeout(() => {"
          + "window.seen = {screens, elements, with_tiles: withTiles, over_50_ms: tasks.length,"
          + " over_200_ms: tasks.filter(each => each > 200).length,"
          + " longest_ms: Math.max(0, ...tasks)}; }, 500);"
          + "else { screens++; wall.scrollTop += wall.clientHeight; requestAnimationFrame(next); }};"
          + "next();})()";
}
