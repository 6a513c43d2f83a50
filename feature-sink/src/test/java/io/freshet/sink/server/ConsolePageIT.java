package io.freshet.sink.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The frame of the page and the views that need little, on a stream that holds hostile texts. */
class ConsolePageIT {
  @RegisterExtension static final ConsolePage PAGE = new ConsolePage();

  @Test
  void showsTheFunnelTheCurvesAndTheNewestImages() throws Exception {
    PAGE.view("overview");
    PAGE.browser()
        .await("document.querySelector('[data-stage=unique] .count')?.textContent === '10,000'");
    PAGE.browser().await("document.querySelector('#overview-loss canvas')");
    PAGE.browser().await("document.querySelector('#overview-knn canvas')");
    PAGE.browser().await("document.querySelectorAll('#strip-unique .tile').length > 3");
    assertEquals("champion freshet@1", PAGE.text("#champion"));
    assertTrue(
        PAGE.text("[data-stage=curated] .lag").contains("9,488 waiting"), PAGE.text(".flow"));
    assertTrue(
        PAGE.browser()
            .evaluate("document.querySelector('[data-stage=unique] svg path') !== null")
            .asBoolean());
  }

  @Test
  void eachViewIsShownAloneByItsKey() throws Exception {
    PAGE.view("overview");
    List<String> views =
        List.of("overview", "images", "training", "releases", "curation", "find", "overview");
    for (int i = 0; i < views.size(); i++) {
      PAGE.browser().press(Integer.toString(1 + i % 6), '1' + i % 6);
      PAGE.browser().await("location.hash === '#/" + views.get(i) + "'");
      PAGE.browser()
          .await(
              "[...document.querySelectorAll('main > section')].filter(each => each.offsetHeight > 0)"
                  + ".map(each => each.id).join() === '"
                  + views.get(i)
                  + "'");
    }
  }

  /** The curated images wait for the trainer, and none of them is lost. */
  @Test
  void whatWaitsIsDrawnApartFromWhatIsLost() throws Exception {
    PAGE.view("overview");
    PAGE.browser().await("document.querySelector('[data-stage=learned] path.queued')");
    assertEquals(0, PAGE.count("[data-stage=learned] path.gone"), PAGE.text(".flow"));
    assertEquals(1, PAGE.count("[data-stage=ingested] path.gone"), PAGE.text(".flow"));
  }

  @Test
  void onAPhoneNoViewIsWiderThanTheScreen() throws Exception {
    PAGE.browser()
        .call(
            "Emulation.setDeviceMetricsOverride",
            Map.of("width", 390, "height", 844, "deviceScaleFactor", 2, "mobile", true));
    try {
      for (String view :
          List.of("overview", "images", "training", "releases", "curation", "find")) {
        PAGE.view(view);
        PAGE.browser().await("document.getElementById('" + view + "').offsetHeight > 100");
        PAGE.browser().await("document.documentElement.scrollWidth <= 390");
        assertTrue(
            PAGE.browser()
                .evaluate(
                    "document.querySelector('nav a:last-child').getBoundingClientRect().right <= 390")
                .asBoolean(),
            "all views are named");
      }
    } finally {
      PAGE.browser().call("Emulation.clearDeviceMetricsOverride", Map.of());
    }
  }

  @Test
  void whatComesFromOutsideIsText() throws Exception {
    PAGE.view("images/unique");
    PAGE.browser().await("document.querySelector('#wall .tile[data-index=\"0\"]')");
    PAGE.browser().evaluate("document.querySelector('#wall .tile[data-index=\"0\"]').click()");
    assertTrue(PAGE.text("#image-dialog").contains("<script>"), PAGE.text("#image-dialog"));
    assertEquals(
        0,
        PAGE.browser()
            .evaluate("document.querySelectorAll('a[href^=\"javascript\"]').length")
            .asInt());
    PAGE.view("images/rejected");
    PAGE.browser().await("document.querySelector('#wall .tile')");
    assertTrue(PAGE.text("#wall .tile").contains("<script>"));
    PAGE.view("curation");
    PAGE.browser().await("document.querySelector('.dataset')");
    assertTrue(PAGE.text(".dataset").contains("<script>"));
    PAGE.browser().await("document.querySelector('#chart-clusters rect')");
    assertTrue(PAGE.browser().evaluate("window.hacked === undefined").asBoolean());
    PAGE.browser()
        .evaluate(
            "document.body.append(Object.assign(document.createElement('script'),"
                + " {textContent: 'window.hacked = 2'}))");
    assertTrue(
        PAGE.browser().evaluate("window.hacked === undefined").asBoolean(),
        "the policy stops inline scripts");
  }

  @Test
  void explainsAnImageAndFindsOneLikeIt() throws Exception {
    PAGE.view("find");
    PAGE.browser()
        .evaluate(
            "document.getElementById('explain-target').value = "
                + ConsolePage.quoted(PAGE.stream().imageId())
                + ";document.getElementById('explain-form').requestSubmit()");
    PAGE.browser().await("document.querySelectorAll('#life li').length === 2");
    assertTrue(PAGE.text("#life").contains("image.feature"), PAGE.text("#life"));
    PAGE.browser().evaluate("location.hash = '#/find/similar/" + PAGE.stream().imageId() + "'");
    PAGE.browser()
        .await("document.getElementById('find-status').textContent.startsWith('1 nearest of 1')");
    assertTrue(PAGE.text("#matches").contains("1.000"), PAGE.text("#matches"));
    PAGE.browser().choose("#search-file", PAGE.stream().picture());
    PAGE.browser()
        .await("document.getElementById('find-status').textContent.includes('no release')");
  }

  @Test
  void changesItsColoursAndComplainsOfNothing() throws Exception {
    PAGE.view("training");
    PAGE.browser().await("document.querySelectorAll('#training-charts canvas').length > 4");
    String before = background();
    for (int i = 0; i < 3 && before.equals(background()); i++) {
      PAGE.browser().evaluate("document.getElementById('theme').click()");
    }
    assertTrue(!before.equals(background()), before);
    List<String> complaints =
        PAGE.browser().complaints().stream()
            .filter(text -> !text.contains("/thumbnail"))
            .filter(text -> !text.contains("/aliases/") && !text.contains("/search"))
            .filter(text -> !text.contains("Content Security Policy"))
            .toList();
    assertEquals(List.of(), complaints);
  }

  private static String background() throws Exception {
    return PAGE.browser().evaluate("getComputedStyle(document.body).backgroundColor").asText();
  }
}
