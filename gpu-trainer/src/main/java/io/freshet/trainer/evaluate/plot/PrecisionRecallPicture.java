package io.freshet.trainer.evaluate.plot;

import io.freshet.trainer.evaluate.PrecisionRecall;
import io.freshet.trainer.evaluate.measure.Classification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Precision over recall as SVG: a curve for each class, the hardest ones named, all others in grey.
 */
public final class PrecisionRecallPicture {
  private static final int SIDE = 480;
  private static final int LEFT = 56;
  private static final int TOP = 40;
  private static final int LEGEND = 280;
  private static final List<String> COLOURS = Palette.DISTINCT;

  private PrecisionRecallPicture() {}

  public static void write(Classification classification, Path svg) throws IOException {
    Files.writeString(svg, svg(classification));
  }

  static String svg(Classification classification) {
    List<Map.Entry<Integer, PrecisionRecall>> hardestFirst =
        classification.curves().entrySet().stream()
            .sorted(Comparator.comparingDouble(curve -> curve.getValue().averagePrecision()))
            .toList();
    double mean = classification.meanAveragePrecision();
    StringBuilder svg = new StringBuilder(1 << 16);
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" font-family="sans-serif" font-size="12">
        <rect width="100%%" height="100%%" fill="white"/>
        <text x="16" y="22" font-size="14">k-NN votes: mean average precision %3$s %%; the hardest classes in colour</text>
        """
            .formatted(LEFT + SIDE + LEGEND, TOP + SIDE + 56, decimal(100 * mean)));
    axes(svg);
    for (int i = hardestFirst.size() - 1; i >= 0; i--) {
      String colour = i < COLOURS.size() ? COLOURS.get(i) : "#bbbbbb";
      svg.append(
          "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%d\"/>%n"
              .formatted(
                  points(hardestFirst.get(i).getValue()), colour, i < COLOURS.size() ? 2 : 1));
    }
    for (int i = 0; i < Math.min(COLOURS.size(), hardestFirst.size()); i++) {
      Map.Entry<Integer, PrecisionRecall> curve = hardestFirst.get(i);
      int y = TOP + 16 + 22 * i;
      svg.append(
          "<rect x=\"%d\" y=\"%d\" width=\"14\" height=\"4\" fill=\"%s\"/>%n"
              .formatted(LEFT + SIDE + 20, y - 6, COLOURS.get(i)));
      svg.append(
          "<text x=\"%d\" y=\"%d\">%s  %s %%</text>%n"
              .formatted(
                  LEFT + SIDE + 42,
                  y,
                  SvgText.escaped(SvgText.shortened(classification.classes().get(curve.getKey()))),
                  decimal(100 * curve.getValue().averagePrecision())));
    }
    return svg.append("</svg>\n").toString();
  }

  private static void axes(StringBuilder svg) {
    for (int tick = 0; tick <= 10; tick += 2) {
      double share = tick / 10.0;
      svg.append(
          "<line x1=\"%1$d\" x2=\"%2$d\" y1=\"%3$s\" y2=\"%3$s\" stroke=\"#eee\"/>%n"
              .formatted(LEFT, LEFT + SIDE, y(share)));
      svg.append(
          "<text x=\"%d\" y=\"%s\" text-anchor=\"end\">%d</text>%n"
              .formatted(LEFT - 8, y(share - 0.008), 10 * tick));
      svg.append(
          "<text x=\"%s\" y=\"%d\" text-anchor=\"middle\">%d</text>%n"
              .formatted(x(share), TOP + SIDE + 18, 10 * tick));
    }
    svg.append(
        """
        <rect x="%1$d" y="%2$d" width="%3$d" height="%3$d" fill="none" stroke="#888"/>
        <text x="%4$d" y="%5$d" text-anchor="middle">recall, %%</text>
        <text transform="translate(16 %6$d) rotate(-90)" text-anchor="middle">precision, %%</text>
        """
            .formatted(LEFT, TOP, SIDE, LEFT + SIDE / 2, TOP + SIDE + 40, TOP + SIDE / 2));
  }

  private static String points(PrecisionRecall curve) {
    StringBuilder points = new StringBuilder();
    PrecisionRecall.Point first = curve.points().get(0);
    points.append(x(0)).append(',').append(y(first.precision()));
    for (PrecisionRecall.Point point : curve.points()) {
      points.append(' ').append(x(point.recall())).append(',').append(y(point.precision()));
    }
    return points.toString();
  }

  private static String x(double recall) {
    return decimal(LEFT + SIDE * recall);
  }

  private static String y(double precision) {
    return decimal(TOP + SIDE * (1 - precision));
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
