package io.freshet.sink.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The view of the releases in a real browser. */
class ConsoleReleasesPageIT {
  @RegisterExtension static final ConsolePage PAGE = new ConsolePage();

  private static final String LABEL_OF_FIRST_CHART =
      "document.querySelector('#metric-charts .chart').getAttribute('aria-label')";

  /** Pixels of the first chart that have the colour of a champion's ring. */
  private static final String RING_PIXELS =
      "(() => { const canvas = document.querySelector('#metric-charts canvas');"
          + "const one = document.createElement('canvas').getContext('2d');"
          + "one.fillStyle = getComputedStyle(document.documentElement)"
          + ".getPropertyValue('--champion').trim(); one.fillRect(0, 0, 1, 1);"
          + "const [r, g, b] = one.getImageData(0, 0, 1, 1).data;"
          + "const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);"
          + "let found = 0;"
          + "for (let i = 0; i < data.length; i += 4)"
          + " found += data[i + 3] > 250 && Math.abs(data[i] - r) < 6 && Math.abs(data[i + 1] - g) < 6"
          + " && Math.abs(data[i + 2] - b) < 6;"
          + "return found; })()";

  @Test
  void comparesAndPromotesWithTheTokenAndRollsBack() throws Exception {
    PAGE.view("releases");
    PAGE.browser().await("document.querySelectorAll('#release-table tbody tr').length === 3");
    PAGE.browser()
        .evaluate(
            "document.querySelector('#release-table [aria-label=\"compare freshet@1\"]').click();"
                + "document.querySelector('#release-table [aria-label=\"compare freshet@2\"]').click();"
                + "document.getElementById('diff').click()");
    PAGE.browser().await("document.querySelector('#diff-card table')");
    assertTrue(PAGE.text("#diff-card").contains("+0.1000"), PAGE.text("#diff-card"));

    promote("not-the-token-1234");
    PAGE.browser()
        .await("document.getElementById('action-dialog').textContent.includes('refused')");
    assertEquals("freshet@1", PAGE.stream().registry().aliases().get("champion").toString());
    PAGE.browser().evaluate("document.getElementById('action-dialog').close()");
    promote(ConsolePage.TOKEN);
    PAGE.browser()
        .await("document.getElementById('action-dialog').textContent.includes('freshet@2 now')");
    assertEquals("freshet@2", PAGE.stream().registry().aliases().get("champion").toString());
    PAGE.browser().evaluate("document.getElementById('action-dialog').close()");

    PAGE.browser().evaluate("document.getElementById('rollback').click()");
    PAGE.browser().await("document.getElementById('ask-reason')");
    PAGE.browser()
        .evaluate(
            "document.getElementById('ask-reason').value = 'worse on screens';"
                + "document.querySelector('#action-dialog form').requestSubmit()");
    PAGE.browser()
        .await("document.getElementById('action-dialog').textContent.includes('freshet@1 now')");
    assertEquals("freshet@1", PAGE.stream().registry().aliases().get("champion").toString());
    assertEquals(
        "back from freshet@2: over HTTP: worse on screens",
        PAGE.stream().registry().aliasHistory("champion").get(0).reason());
    PAGE.browser()
        .await(
            "[...document.querySelectorAll('#release-table tbody tr')]"
                + ".some(line => line.textContent.includes('freshet@2was champion'))");
  }

  @Test
  void drawsTheChampionsModelOrTheChosenOneAndLeavesNoMeasureOut() throws Exception {
    PAGE.view("overview");
    PAGE.browser().await("document.querySelector('#overview-knn canvas')");
    assertTrue(PAGE.text("#knn-now").startsWith("freshet@2: photos 70.0 %"), PAGE.text("#knn-now"));
    PAGE.view("releases");
    PAGE.browser().await("document.querySelectorAll('#metric-charts canvas').length === 1");
    String drawn = PAGE.browser().evaluate(LABEL_OF_FIRST_CHART).asText();
    assertTrue(drawn.contains("of freshet over 2 versions"), drawn);
    assertTrue(PAGE.text("#metric-charts").contains("photos70 %"), PAGE.text("#metric-charts"));
    assertTrue(drawn.contains("champions: freshet@1"), drawn);
    assertTrue(PAGE.browser().evaluate(RING_PIXELS).asInt() > 20, "the champion has a ring");

    PAGE.browser().evaluate("document.getElementById('model').focus()");
    PAGE.browser().press("ArrowDown", 40);
    PAGE.browser().await("document.querySelectorAll('#metric-charts canvas').length === 4");
    String all = PAGE.text("#metric-charts");
    for (String title :
        List.of(
            "k-NN top-1",
            "Logistic regression top-1, 1 of 2",
            "Logistic regression top-1, 2 of 2",
            "novel")) {
      assertTrue(all.contains(title), all);
    }
    for (int set = 1; set <= 8; set++) {
      assertTrue(all.contains("set" + set), all);
    }
    assertEquals(0, PAGE.browser().evaluate(RING_PIXELS).asInt(), "the student was never champion");
  }

  private static void promote(String token) throws Exception {
    PAGE.browser().evaluate("document.querySelector('[aria-label=\"promote freshet@2\"]').click()");
    PAGE.browser().await("document.getElementById('ask-token')");
    PAGE.browser()
        .evaluate(
            "document.getElementById('ask-reason').value = 'it sees more';"
                + "document.getElementById('ask-token').value = "
                + ConsolePage.quoted(token)
                + ";document.querySelector('#action-dialog form').requestSubmit()");
  }
}
