package io.freshet.sink.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The walls of images in a real browser. */
class ConsoleWallPageIT {
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
}
