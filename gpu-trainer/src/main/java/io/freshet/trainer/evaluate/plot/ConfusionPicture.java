package io.freshet.trainer.evaluate.plot;

import io.freshet.trainer.evaluate.ConfusionMatrix;
import io.freshet.trainer.evaluate.measure.Classification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A confusion matrix as SVG: a row for each class that an image is of, a column for each that it
 * was taken for, darker the larger the share of the row.
 */
public final class ConfusionPicture {
  private static final int NUMBERED = 25;
  private static final int NAMED = 100;
  private static final int LETTER = 7;

  private ConfusionPicture() {}

  public static void write(Classification classification, Path svg) throws IOException {
    Files.writeString(svg, svg(classification));
  }

  static String svg(Classification classification) {
    ConfusionMatrix confusions = classification.confusions();
    List<String> names = classification.classes().stream().map(SvgText::shortened).toList();
    int classes = confusions.classes();
    int cell = classes <= NUMBERED ? 36 : classes <= NAMED ? 14 : Math.max(1, 1200 / classes);
    int margin =
        classes > NAMED
            ? 24
            : 16 + LETTER * names.stream().mapToInt(String::length).max().orElse(0);
    int top = margin + 28;
    int size = classes * cell;
    String title =
        "%s: %.1f %% right; rows: what it is, columns: what it was taken for"
            .formatted(classification.classifier(), 100 * confusions.accuracy());
    StringBuilder svg = new StringBuilder(1 << 16);
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" font-family="sans-serif" font-size="12">
        <rect width="100%%" height="100%%" fill="white"/>
        <text x="%3$d" y="20" font-size="14">%4$s</text>
        """
            .formatted(
                Math.max(margin + size + 16, 32 + LETTER * title.length()),
                top + size + 16,
                16,
                SvgText.escaped(title)));
    for (int label = 0; label < classes; label++) {
      if (classes <= NAMED) {
        names(svg, names.get(label), label, cell, margin, top);
      }
      for (int predicted = 0; predicted < classes; predicted++) {
        cell(svg, confusions, label, predicted, cell, margin, top);
      }
    }
    return svg.append(
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#888\"/>%n</svg>%n"
                .formatted(margin, top, size, size))
        .toString();
  }

  private static void names(StringBuilder svg, String name, int at, int cell, int margin, int top) {
    int middle = at * cell + cell / 2;
    int size = Math.min(12, cell);
    svg.append(
        "<text x=\"%d\" y=\"%d\" font-size=\"%d\" text-anchor=\"end\">%s</text>%n"
            .formatted(margin - 6, top + middle + 4, size, SvgText.escaped(name)));
    svg.append(
        "<text transform=\"translate(%d %d) rotate(-90)\" font-size=\"%d\">%s</text>%n"
            .formatted(margin + middle + 4, top - 6, size, SvgText.escaped(name)));
  }

  private static void cell(
      StringBuilder svg,
      ConfusionMatrix confusions,
      int label,
      int predicted,
      int cell,
      int margin,
      int top) {
    long count = confusions.count(label, predicted);
    if (count == 0) {
      return;
    }
    double share = (double) count / confusions.labelled(label);
    int x = margin + predicted * cell;
    int y = top + label * cell;
    svg.append(
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>%n"
            .formatted(x, y, cell, cell, colour(share, label == predicted)));
    if (cell >= 30) {
      svg.append(
          "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" font-size=\"11\" fill=\"%s\">%d</text>%n"
              .formatted(x + cell / 2, y + cell / 2 + 4, share > 0.55 ? "white" : "#222", count));
    }
  }

  /** From white to blue where it is right, to orange where it is wrong. */
  private static String colour(double share, boolean right) {
    double strength = Math.sqrt(share);
    int[] full = right ? new int[] {0x1f, 0x5f, 0xbf} : new int[] {0xd9, 0x5f, 0x0e};
    return String.format(
        Locale.ROOT,
        "#%02x%02x%02x",
        mixed(full[0], strength),
        mixed(full[1], strength),
        mixed(full[2], strength));
  }

  private static int mixed(int full, double strength) {
    return (int) Math.round(255 + (full - 255) * strength);
  }
}
