package io.freshet.trainer.evaluate.plot;

import io.freshet.trainer.evaluate.plot.VersionHistory.Reign;
import io.freshet.trainer.evaluate.plot.VersionHistory.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * Metrics over a model's versions as SVG: a panel for each family of metrics, a curve for each
 * evaluation set. Champions have a ring, a thick one that of now; the strip below a panel tells who
 * was champion while which version was published.
 */
public final class VersionPicture {
  private static final int COLUMNS = 2;
  private static final int TOP = 64;
  private static final int MAX_FAMILIES = 24;

  private VersionPicture() {}

  public static void write(VersionHistory history, Path svg) throws IOException {
    Files.writeString(svg, svg(history));
  }

  static String svg(VersionHistory history) {
    List<Map.Entry<String, List<String>>> families =
        history.families().entrySet().stream()
            .sorted(Comparator.comparingInt(family -> rank(family.getKey())))
            .limit(MAX_FAMILIES)
            .toList();
    int columns = Math.min(COLUMNS, Math.max(1, families.size()));
    int rows = (families.size() + columns - 1) / columns;
    StringBuilder svg = new StringBuilder(1 << 16);
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" font-family="sans-serif" font-size="12">
        <rect width="100%%" height="100%%" fill="white"/>
        <text x="16" y="24" font-size="16" font-weight="bold">%3$s over its versions</text>
        <text x="16" y="44" fill="#555">%4$s</text>
        """
            .formatted(
                Math.max(VersionPanel.WIDTH, columns * VersionPanel.WIDTH),
                TOP + rows * VersionPanel.HEIGHT,
                SvgText.escaped(history.model()),
                SvgText.escaped(summary(history))));
    for (int i = 0; i < families.size(); i++) {
      VersionPanel panel =
          new VersionPanel(
              history, families.get(i).getKey(), curves(history, families.get(i).getValue()));
      svg.append(
          "<g transform=\"translate(%d %d)\">%n"
              .formatted(
                  i % columns * VersionPanel.WIDTH, TOP + i / columns * VersionPanel.HEIGHT));
      panel.draw(svg);
      svg.append("</g>\n");
    }
    return svg.append("</svg>\n").toString();
  }

  /** What releases are judged by comes first, what only explains it last. */
  private static int rank(String family) {
    return switch (family) {
      case "knn_top1" -> 0;
      case "linear_top1", "logreg_top1", "retrieval_map" -> 1;
      case "rankme", "uniformity" -> 2;
      default -> 3;
    };
  }

  private static String summary(VersionHistory history) {
    List<Reign> reigns = history.reigns();
    String present =
        reigns.stream()
            .filter(Reign::present)
            .map(reign -> "now " + reign.number())
            .collect(Collectors.joining());
    return "%,d releases; rings: champions%s; strips: who was champion when a version came"
        .formatted(history.versions().size(), present.isEmpty() ? "" : " (thick: " + present + ")");
  }

  /**
   * @param label what follows the family's name
   * @param values one for each version, NaN where it was not measured
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Curve(String label, double[] values) {
    double newest() {
      return DoubleStream.of(values)
          .filter(value -> !Double.isNaN(value))
          .reduce((before, value) -> value)
          .orElse(Double.NaN);
    }
  }

  private static List<Curve> curves(VersionHistory history, List<String> names) {
    List<Curve> curves = new ArrayList<>();
    for (String name : names) {
      double[] values =
          history.versions().stream()
              .map(Version::metrics)
              .mapToDouble(metrics -> metrics.getOrDefault(name, Double.NaN))
              .toArray();
      curves.add(new Curve(name.substring(name.lastIndexOf('/') + 1), values));
    }
    return curves;
  }
}
