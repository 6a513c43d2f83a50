package io.freshet.deploy.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.freshet.deploy.curation.LeftOut;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Counts what couldn't take part and names the first of it; if asked to, writes all of it to a
 * file, a JSON object a line. One owner thread, which closes it.
 */
final class LeftOutReport implements Consumer<LeftOut>, AutoCloseable {
  private static final int NAMED = 20;
  private static final ObjectMapper JSON =
      new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);

  private final PrintWriter out;
  private final Optional<BufferedWriter> lines;
  private long count;

  private LeftOutReport(PrintWriter out, Optional<BufferedWriter> lines) {
    this.out = out;
    this.lines = lines;
  }

  /**
   * @param file replaced if it exists
   */
  static LeftOutReport to(PrintWriter out, Optional<Path> file) throws IOException {
    return new LeftOutReport(
        out,
        file.isPresent() ? Optional.of(Files.newBufferedWriter(file.get())) : Optional.empty());
  }

  @Override
  public void accept(LeftOut what) {
    count++;
    if (count <= NAMED) {
      out.printf("left out %s: %s%n", what.place(), what.reason());
    } else if (count == NAMED + 1) {
      out.println("more is left out, which --left-out FILE lists");
    }
    out.flush();
    if (lines.isPresent()) {
      write(lines.get(), what);
    }
  }

  private static void write(BufferedWriter lines, LeftOut what) {
    try {
      lines.write(JSON.writeValueAsString(what));
      lines.newLine();
    } catch (IOException e) {
      throw new UncheckedIOException("what is left out can't be written", e);
    }
  }

  long count() {
    return count;
  }

  @Override
  public void close() throws IOException {
    if (lines.isPresent()) {
      lines.get().close();
    }
  }
}
