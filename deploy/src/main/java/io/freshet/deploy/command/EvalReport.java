package io.freshet.deploy.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.freshet.trainer.evaluate.directory.SkippedFile;
import io.freshet.trainer.evaluate.measure.DirectoryReport;
import io.freshet.trainer.evaluate.measure.Measure;
import io.freshet.trainer.evaluate.model.EvaluatedModel;
import io.freshet.vision.model.Preprocessing;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A report as a table for people and as JSON for programs. */
final class EvalReport {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final int SKIPPED_SHOWN = 10;

  private final String model;
  private final Preprocessing preprocessing;
  private final Path data;
  private final DirectoryReport report;

  EvalReport(EvaluatedModel model, Path data, DirectoryReport report) {
    this.model = model.description();
    this.preprocessing = model.preprocessing();
    this.data = data;
    this.report = report;
  }

  void print(PrintWriter out) {
    row(out, "model", model);
    row(
        out,
        "sees",
        "%1$d x %1$d px, cut from the middle of a shorter side of %2$d px"
            .formatted(preprocessing.imageSize(), preprocessing.resize()));
    row(out, "data", data.toString());
    report.facts().forEach((name, value) -> row(out, name, text(value)));
    List<SkippedFile> skipped = report.skipped();
    skipped.stream()
        .limit(SKIPPED_SHOWN)
        .forEach(file -> row(out, "  skipped", file.name() + ": " + file.reason()));
    if (skipped.size() > SKIPPED_SHOWN) {
      row(out, "  skipped", "and %,d more".formatted(skipped.size() - SKIPPED_SHOWN));
    }
    out.println();
    for (Measure measure : report.measures()) {
      out.printf(
          Locale.ROOT, "%-33s %10s   %s%n", measure.key(), number(measure), measure.meaning());
    }
    out.flush();
  }

  private static void row(PrintWriter out, String name, String value) {
    out.printf("%-20s %s%n", name, value);
  }

  private static String text(Object value) {
    return value instanceof Integer number
        ? String.format(Locale.ROOT, "%,d", number)
        : value.toString();
  }

  private static String number(Measure measure) {
    return switch (measure.unit()) {
      case SHARE -> String.format(Locale.ROOT, "%.2f %%", 100 * measure.value());
      case NUMBER -> String.format(Locale.ROOT, "%.4f", measure.value());
    };
  }

  /** Replaces {@code file} whole. */
  void write(Path file) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", model);
    json.put("image_size", preprocessing.imageSize());
    json.put("resize", preprocessing.resize());
    json.put("data", data.toString());
    json.putAll(report.facts());
    report.measures().forEach(measure -> json.put(measure.key(), measure.value()));
    json.put("skipped_files", report.skipped());
    Path target = file.toAbsolutePath();
    Files.createDirectories(target.getParent());
    Path written = Files.createTempFile(target.getParent(), ".freshet-", ".json");
    JSON.writeValue(written.toFile(), json);
    Files.move(
        written, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
