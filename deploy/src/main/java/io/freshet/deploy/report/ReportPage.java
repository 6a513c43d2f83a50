package io.freshet.deploy.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.freshet.sink.server.ConsoleServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes {@code report.json} and {@code report.html}, a page that needs nothing beside it. */
public final class ReportPage {
  private static final String UPLOT = "/" + ConsoleServer.UPLOT + "/";
  private static final ObjectMapper JSON = new ObjectMapper();

  private ReportPage() {}

  /** Everything that the page shows. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Content(
      DemoReport report,
      String subtitle,
      String verdict,
      List<DemoReport.QualityLine> quality,
      Curves curves,
      KnnCurve knn,
      List<NeighbourWall.Line> neighbours,
      List<Pair> duplicates,
      List<Picture> kept,
      List<Refusal> rejected) {}

  record Curves(List<Long> step, List<Double> total, List<Double> dino, List<Double> ibot) {}

  record KnnCurve(List<Long> step, List<Double> photos, List<Double> drawings) {}

  record Pair(String image, String kept, String caption) {}

  record Picture(String image, String caption) {}

  record Refusal(String reason, long count, String example) {}

  /** Writes the report's figures. */
  static void writeJson(DemoReport report, Path file) {
    write(file, json(report, true));
  }

  static void writeHtml(Content content, Path file) {
    // "</" inside a script element would end it.
    String data = json(content, false).replace("</", "<\\/");
    write(
        file,
        resource("report.html")
            .replace("/*UPLOT_CSS*/", resource(UPLOT + "uPlot.min.css"))
            .replace("/*UPLOT_JS*/", resource(UPLOT + "uPlot.iife.min.js"))
            .replace("/*DATA*/", data));
  }

  private static String json(Object value, boolean pretty) {
    try {
      return pretty
          ? JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n"
          : JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("can't write the report to " + file, e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the class path lacks " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
