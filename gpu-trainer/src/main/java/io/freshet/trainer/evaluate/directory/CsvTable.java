package io.freshet.trainer.evaluate.directory;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * A CSV file in UTF-8 with a header. A field in double quotes may hold commas, and a quote by
 * doubling it; no field holds a line break.
 */
final class CsvTable {
  private static final int MAX_ROWS = 2_000_000;
  private static final int MAX_LINE = 65_536;

  private final Path file;
  private final List<String> header;
  private final List<List<String>> rows;

  private CsvTable(Path file, List<String> header, List<List<String>> rows) {
    this.file = file;
    this.header = header;
    this.rows = rows;
  }

  /**
   * @throws IllegalArgumentException when it is no such file, naming the line
   */
  static CsvTable read(Path file) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      String first = lines.readLine();
      if (first == null) {
        throw new IllegalArgumentException(
            file + " is empty; it needs a first line file,label[,split]");
      }
      List<String> header =
          fields(first.startsWith("\uFEFF") ? first.substring(1) : first).stream()
              .map(name -> name.strip().toLowerCase(Locale.ROOT))
              .toList();
      List<List<String>> rows = new ArrayList<>();
      int number = 1;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (line.isBlank()) {
          continue;
        }
        List<String> row = line.length() > MAX_LINE ? List.of() : fields(line);
        if (row.size() != header.size() || rows.size() == MAX_ROWS) {
          throw new IllegalArgumentException(
              "%s line %d has %d fields, the header has %d (at most %,d lines of %,d characters are read)"
                  .formatted(file, number, row.size(), header.size(), MAX_ROWS, MAX_LINE));
        }
        rows.add(row);
      }
      return new CsvTable(file, header, rows);
    } catch (MalformedInputException e) {
      throw new IllegalArgumentException(file + " is not text in UTF-8; save it as such", e);
    }
  }

  List<List<String>> rows() {
    return rows;
  }

  /** The column of the first of the names that the header has. */
  OptionalInt column(String... names) {
    for (String name : names) {
      if (header.contains(name)) {
        return OptionalInt.of(header.indexOf(name));
      }
    }
    return OptionalInt.empty();
  }

  /** The same of a column that must be there. */
  int required(String... names) {
    return column(names)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s has the columns %s, but no column %s; its first line must be file,label[,split]"
                        .formatted(file, header, String.join(" or ", names))));
  }

  private static List<String> fields(String line) {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
        field.append('"');
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        fields.add(field.toString());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    fields.add(field.toString());
    return fields;
  }
}
