package io.freshet.deploy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The figures of one measurement by name, in the order in which they were put: snake_case with the
 * unit in the name. Printed as a table and, if asked for, written as JSON.
 */
final class Figures {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Map<String, Object> values = new LinkedHashMap<>();

  /** A number, text, list or map; numbers are kept in full. */
  Figures put(String name, Object value) {
    values.put(name, value);
    return this;
  }

  /** Prints the figures and writes them to {@code json} when it is given. */
  void report(PrintWriter out, Optional<Path> json) {
    values.forEach((name, value) -> print(out, "", name, value));
    out.flush();
    json.ifPresent(this::write);
  }

  private static void print(PrintWriter out, String indent, String name, Object value) {
    if (value instanceof Map<?, ?> group) {
      out.println(indent + name);
      group.forEach((key, item) -> print(out, indent + "  ", key.toString(), item));
    } else {
      out.printf(Locale.ROOT, "%s%-28s %s%n", indent, name, text(value));
    }
  }

  private static String text(Object value) {
    if (value instanceof double[] numbers) {
      return Arrays.stream(numbers).mapToObj(Figures::text).collect(Collectors.joining(" "));
    }
    return value instanceof Double number
        ? String.format(Locale.ROOT, Math.abs(number) < 10 ? "%.4f" : "%,.1f", number)
        : value.toString();
  }

  private void write(Path file) {
    try {
      JSON.writeValue(file.toFile(), values);
    } catch (IOException e) {
      throw new UncheckedIOException("can't write the figures to " + file, e);
    }
  }
}
