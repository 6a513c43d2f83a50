package io.freshet.platform.csv;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.RuntimeJsonMappingException;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A CSV file (RFC 4180) whose first line names the columns, in any order: UTF-8, with or without a
 * byte order mark; cells may be quoted, unquoted ones are stripped; blank lines don't count.
 *
 * @param rows in order
 */
public record CsvTable(List<Row> rows) {
  private static final long MAX_BYTES = 256 << 20;

  private static final ObjectReader READER =
      CsvMapper.builder()
          .enable(
              CsvParser.Feature.WRAP_AS_ARRAY,
              CsvParser.Feature.SKIP_EMPTY_LINES,
              CsvParser.Feature.TRIM_SPACES)
          .build()
          .readerFor(String[].class);

  /**
   * @param line where it begins in the file; 1 is the first
   * @param cells by column
   */
  public record Row(int line, Map<String, String> cells) {
    public Row {
      cells = Map.copyOf(cells);
    }

    /**
     * @param column one that the table was asked to have
     */
    public String cell(String column) {
      return optional(column).orElseThrow();
    }

    /** Of a column that a table may have; empty, too, where the cell is. */
    public Optional<String> filled(String column) {
      return optional(column).filter(cell -> !cell.isBlank());
    }

    private Optional<String> optional(String column) {
      return Optional.ofNullable(cells.get(column));
    }
  }

  public CsvTable {
    rows = List.copyOf(rows);
  }

  /**
   * Reads a file of at most 256 MiB.
   *
   * @param columns that it must have; it may have more
   * @throws IllegalArgumentException when it is empty or malformed, or lacks a column, naming the
   *     file and where it can the line
   */
  public static CsvTable read(Path file, List<String> columns) throws IOException {
    long bytes = Files.size(file);
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "%s has %,d bytes, the limit is %,d".formatted(file, bytes, MAX_BYTES));
    }
    try (MappingIterator<String[]> lines = READER.readValues(file.toFile())) {
      return read(lines, file, columns);
    } catch (JacksonException e) {
      throw malformed(file, e);
    } catch (RuntimeJsonMappingException e) {
      throw malformed(file, e);
    }
  }

  private static CsvTable read(MappingIterator<String[]> lines, Path file, List<String> columns)
      throws IOException {
    if (!lines.hasNextValue()) {
      throw new IllegalArgumentException(
          "%s is empty; its first line must name the columns %s"
              .formatted(file, String.join(",", columns)));
    }
    List<String> header = List.of(lines.nextValue());
    if (!header.containsAll(columns)) {
      throw new IllegalArgumentException(
          "%s starts with '%s', it needs the columns %s"
              .formatted(file, String.join(",", header), String.join(",", columns)));
    }
    if (new HashSet<>(header).size() < header.size()) {
      throw new IllegalArgumentException(
          "%s names a column twice: %s".formatted(file, String.join(",", header)));
    }
    List<Row> rows = new ArrayList<>();
    while (lines.hasNextValue()) {
      int line = lines.getParser().currentLocation().getLineNr();
      String[] cells = lines.nextValue();
      if (cells.length != header.size()) {
        throw new IllegalArgumentException(
            "%s line %d has %d columns, the header has %d"
                .formatted(file, line, cells.length, header.size()));
      }
      Map<String, String> byColumn = new HashMap<>();
      for (int i = 0; i < cells.length; i++) {
        byColumn.put(header.get(i), cells[i]);
      }
      rows.add(new Row(line, byColumn));
    }
    return new CsvTable(rows);
  }

  private static IllegalArgumentException malformed(Path file, Exception cause) {
    return new IllegalArgumentException(
        "%s is no CSV: %s".formatted(file, cause.getMessage()), cause);
  }
}
