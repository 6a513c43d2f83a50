package io.freshet.deploy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class SeedsCommandTest {
  @Test
  void refusesToWithdrawBenchmarksWhichDeduplicationKeeps() {
    StringWriter out = new StringWriter();
    int status =
        new CommandLine(new SeedsCommand())
            .setExecutionExceptionHandler(
                (error, line, parsed) -> {
                  out.write(error.getMessage());
                  return 1;
                })
            .execute("rm", "--dataset", "oxford", "--role", "BENCHMARK");
    assertEquals(1, status);
    assertTrue(out.toString().contains("benchmarks can't be withdrawn"), out.toString());
    assertTrue(out.toString().contains("oxford"), out.toString());
  }
}
