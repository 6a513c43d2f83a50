package io.freshet.trainer.evaluate.plot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.registry.AliasPeriod;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.trainer.evaluate.plot.VersionHistory.Reign;
import io.freshet.trainer.evaluate.plot.VersionHistory.Version;
import java.io.StringReader;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class VersionPictureTest {
  /** Champions: 1, another model's, 3, 1 again before 4 came, 4. */
  private static final List<AliasPeriod> CHAMPIONS =
      List.of(
          champion("m", 1, 11, 21),
          champion("other", 7, 21, 31),
          champion("m", 3, 31, 32),
          champion("m", 1, 32, 41),
          champion("m", 4, 41, -1));

  private static Instant minute(int minute) {
    return Instant.EPOCH.plusSeconds(60L * minute);
  }

  /** Version n is published at minute 10 n. */
  private static Version version(int number, Map<String, Double> metrics) {
    return new Version(number, minute(10 * number), metrics);
  }

  private static AliasPeriod champion(String model, int number, int from, int until) {
    return new AliasPeriod(
        new ModelVersion(model, number),
        minute(from),
        until < 0 ? Optional.empty() : Optional.of(minute(until)));
  }

  private static VersionHistory history(List<AliasPeriod> champions) {
    return new VersionHistory(
        "m",
        List.of(
            version(4, Map.of("knn_top1/photos", 0.7, "knn_top1/<b>", 0.5, "rankme/photos", 30.0)),
            version(1, Map.of("knn_top1/photos", 0.5, "rankme/photos", 10.0)),
            version(2, Map.of("rankme/photos", 20.0)),
            version(3, Map.of("knn_top1/photos", 0.6, "rankme/photos", 25.0))),
        champions);
  }

  private static Document parsed(VersionHistory history) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(VersionPicture.svg(history))));
  }

  private static List<Element> of(Document svg, String tag, String type) {
    NodeList all = svg.getElementsByTagName(tag);
    return IntStream.range(0, all.getLength())
        .mapToObj(i -> (Element) all.item(i))
        .filter(element -> element.getAttribute("class").equals(type))
        .toList();
  }

  @Test
  void aReignLastsUntilTheVersionThatWasNewestWhenAnotherBegan() {
    assertEquals(
        List.of(
            new Reign(1, 0, 1, false),
            new Reign(3, 2, 2, false),
            new Reign(1, 2, 3, false),
            new Reign(4, 3, 4, true)),
        history(CHAMPIONS).reigns());
  }

  @Test
  void everyChampionHasARingAndThatOfNowAThickOne() throws Exception {
    Document svg = parsed(history(CHAMPIONS));
    // k-NN on photos: 1, 3 and 4; on the other set: 4; RankMe: 1, 3 and 4
    List<Element> rings = of(svg, "circle", "champion");
    assertEquals(7, rings.size());
    assertEquals(
        3, rings.stream().filter(ring -> ring.getAttribute("stroke-width").equals("3")).count());
    assertEquals(2 * 4, of(svg, "rect", "reign").size());
  }

  @Test
  void aVersionThatWasNotMeasuredIsPassedOver() throws Exception {
    NodeList curves = parsed(history(List.of())).getElementsByTagName("polyline");
    List<Integer> points =
        IntStream.range(0, curves.getLength())
            .mapToObj(i -> ((Element) curves.item(i)).getAttribute("points").split(" ").length)
            .toList();
    // the set of hostile name first, then photos, then RankMe
    assertEquals(List.of(1, 3, 4), points);
  }

  @Test
  void manyVersionsAndOddNamesMakeAWellFormedPicture() throws Exception {
    List<Version> versions =
        IntStream.rangeClosed(1, 300)
            .mapToObj(
                i ->
                    version(
                        i, Map.of("loss", 1.0, "knn_top1/a\"<&\u0007", i / 300.0, "flat/x", 0.0)))
            .toList();
    Document svg = parsed(new VersionHistory("m", versions, List.of()));
    assertEquals(3, svg.getElementsByTagName("polyline").getLength());
    assertTrue(svg.getElementsByTagName("text").getLength() < 100);
  }

  @Test
  void aModelWithoutReleasesHasNoPicture() {
    assertThrows(
        IllegalArgumentException.class, () -> new VersionHistory("m", List.of(), List.of()));
  }
}
