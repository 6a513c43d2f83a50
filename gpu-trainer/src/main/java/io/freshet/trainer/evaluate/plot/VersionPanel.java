package io.freshet.trainer.evaluate.plot;

import io.freshet.trainer.evaluate.plot.VersionHistory.Reign;
import io.freshet.trainer.evaluate.plot.VersionPicture.Curve;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** One family of metrics over the versions. */
final class VersionPanel {
  static final int WIDTH = 560;
  static final int HEIGHT = 300;

  private static final int LEFT = 60;
  private static final int TOP = 44;
  private static final int PLOT_WIDTH = WIDTH - LEFT - 24;
  private static final int PLOT_HEIGHT = HEIGHT - TOP - 70;
  private static final int STRIP = 14;
  private static final int TICKS = 5;
  private static final int MAX_VERSIONS_NAMED = 14;
  private static final int LETTER = 7;
  private static final String CHAMPION = "#b8860b";
  private static final List<String> STRIPES = List.of("#f2dc9b", "#e0bd5c");

  private final VersionHistory history;
  private final String family;
  private final List<Curve> curves;
  private final boolean share;
  private final double low;
  private final double high;
  private final double tick;

  VersionPanel(VersionHistory history, String family, List<Curve> curves) {
    this.history = history;
    this.family = family;
    this.curves = curves;
    this.share = family.contains("top1");
    double[] values =
        curves.stream()
            .flatMapToDouble(curve -> Arrays.stream(curve.values()))
            .filter(value -> !Double.isNaN(value))
            .toArray();
    double least = DoubleStream.of(values).min().orElse(0);
    double most = DoubleStream.of(values).max().orElse(1);
    double room = most > least ? 0.12 * (most - least) : Math.max(1e-6, 0.05 * Math.abs(most));
    this.low = least - room;
    this.high = most + room;
    this.tick = tickStep((high - low) / TICKS);
  }

  void draw(StringBuilder svg) {
    svg.append(
        "<text x=\"%d\" y=\"16\" font-size=\"13\" font-weight=\"bold\">%s%s</text>%n"
            .formatted(LEFT, SvgText.escaped(family), share ? ", %" : ""));
    legend(svg);
    axes(svg);
    strip(svg);
    for (int i = 0; i < curves.size(); i++) {
      curve(svg, curves.get(i).values(), colour(i));
    }
  }

  private static String colour(int curve) {
    return curve < Palette.DISTINCT.size() ? Palette.DISTINCT.get(curve) : "#bbbbbb";
  }

  private void legend(StringBuilder svg) {
    int x = LEFT;
    for (int i = 0; i < Math.min(curves.size(), Palette.DISTINCT.size()); i++) {
      String text =
          SvgText.shortened(curves.get(i).label())
              + " "
              + number(curves.get(i).newest(), tick / 20);
      if (x + LETTER * text.length() > WIDTH) {
        return;
      }
      svg.append(
          "<rect x=\"%d\" y=\"28\" width=\"12\" height=\"4\" fill=\"%s\"/><text x=\"%d\" y=\"34\">%s</text>%n"
              .formatted(x, colour(i), x + 17, SvgText.escaped(text)));
      x += 34 + LETTER * text.length();
    }
  }

  private void axes(StringBuilder svg) {
    for (double value = tick * Math.ceil(low / tick); value <= high; value += tick) {
      svg.append(
          "<line x1=\"%1$d\" x2=\"%2$d\" y1=\"%3$s\" y2=\"%3$s\" stroke=\"#eee\"/><text x=\"%4$d\" y=\"%5$s\" text-anchor=\"end\" fill=\"#555\">%6$s</text>%n"
              .formatted(
                  LEFT,
                  LEFT + PLOT_WIDTH,
                  y(value),
                  LEFT - 8,
                  decimal(at(value) + 4),
                  number(value, tick)));
    }
    int every = (history.versions().size() + MAX_VERSIONS_NAMED - 1) / MAX_VERSIONS_NAMED;
    for (int i = 0; i < history.versions().size(); i += every) {
      svg.append(
          "<text x=\"%s\" y=\"%d\" text-anchor=\"middle\" fill=\"#555\">%d</text>%n"
              .formatted(
                  decimal(x(i)), TOP + PLOT_HEIGHT + 36, history.versions().get(i).number()));
    }
    svg.append(
        """
        <rect x="%1$d" y="%2$d" width="%3$d" height="%4$d" fill="none" stroke="#999"/>
        <text x="%5$d" y="%6$d" text-anchor="end" font-size="10" fill="#5c4300">champion</text>
        <text x="%5$d" y="%7$d" text-anchor="end" font-size="10" fill="#555">version</text>
        """
            .formatted(
                LEFT,
                TOP,
                PLOT_WIDTH,
                PLOT_HEIGHT,
                LEFT - 8,
                TOP + PLOT_HEIGHT + 15,
                TOP + PLOT_HEIGHT + 36));
  }

  /** 1, 2 or 5 times a power of ten, at least {@code least}. */
  private static double tickStep(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    return DoubleStream.of(1, 2, 5, 10)
        .map(digit -> digit * power)
        .filter(step -> step >= least)
        .findFirst()
        .orElse(10 * power);
  }

  /** A stretch that no version was published in is a thin line. */
  private void strip(StringBuilder svg) {
    List<Reign> reigns = history.reigns();
    for (int i = 0; i < reigns.size(); i++) {
      Reign reign = reigns.get(i);
      double from = x(reign.from() - 0.5);
      double width = Math.max(3, x(reign.until() - 0.5) - from);
      svg.append(
          "<rect class=\"reign\" x=\"%s\" y=\"%d\" width=\"%s\" height=\"%d\" fill=\"%s\"><title>champion %d</title></rect>%n"
              .formatted(
                  decimal(from),
                  TOP + PLOT_HEIGHT + 4,
                  decimal(width),
                  STRIP,
                  STRIPES.get(i % STRIPES.size()),
                  reign.number()));
      String name = Integer.toString(reign.number());
      if (width >= LETTER * (name.length() + 1)) {
        svg.append(
            "<text x=\"%s\" y=\"%d\" text-anchor=\"middle\" font-size=\"10\" fill=\"#5c4300\">%s</text>%n"
                .formatted(decimal(from + width / 2), TOP + PLOT_HEIGHT + 15, name));
      }
    }
  }

  /** A version that was not measured is passed over. */
  private void curve(StringBuilder svg, double[] values, String colour) {
    int[] measured =
        IntStream.range(0, values.length).filter(i -> !Double.isNaN(values[i])).toArray();
    svg.append(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n"
            .formatted(
                IntStream.of(measured)
                    .mapToObj(i -> decimal(x(i)) + "," + y(values[i]))
                    .collect(Collectors.joining(" ")),
                colour));
    Map<Integer, Boolean> champions = new TreeMap<>();
    history
        .reigns()
        .forEach(reign -> champions.merge(reign.number(), reign.present(), (a, b) -> a || b));
    for (int i : measured) {
      svg.append(
          "<circle cx=\"%s\" cy=\"%s\" r=\"2.5\" fill=\"%s\"/>%n"
              .formatted(decimal(x(i)), y(values[i]), colour));
      Boolean present = champions.get(history.versions().get(i).number());
      if (present != null) {
        svg.append(
            "<circle class=\"champion\" cx=\"%s\" cy=\"%s\" r=\"6.5\" fill=\"none\" stroke=\"%s\" stroke-width=\"%s\"/>%n"
                .formatted(decimal(x(i)), y(values[i]), CHAMPION, present ? "3" : "1.2"));
      }
    }
  }

  private double x(double position) {
    return LEFT + PLOT_WIDTH * (position + 0.5) / history.versions().size();
  }

  private double at(double value) {
    return TOP + PLOT_HEIGHT * (high - value) / (high - low);
  }

  private String y(double value) {
    return decimal(at(value));
  }

  /**
   * Percent for shares, else as it is.
   *
   * @param step that the digits must tell apart
   */
  private String number(double value, double step) {
    double factor = share ? 100 : 1;
    int digits = (int) Math.ceil(-Math.log10(factor * step) - 1e-9);
    return String.format(
        Locale.ROOT, "%." + Math.max(0, Math.min(6, digits)) + "f", factor * value);
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
