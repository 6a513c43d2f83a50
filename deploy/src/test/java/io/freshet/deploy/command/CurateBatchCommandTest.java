package io.freshet.deploy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CurateBatchCommandTest {
  @TempDir private Path temp;

  private String refusal(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--out", temp.resolve("taken.jsonl").toString(), temp.toString()));
    StringWriter out = new StringWriter();
    CommandLine command =
        new CommandLine(new CurateBatchCommand())
            .setOut(new PrintWriter(out))
            .setExecutionExceptionHandler(
                (error, line, parsed) -> {
                  out.write(error.getMessage());
                  return 1;
                });
    assertEquals(1, command.execute(all.toArray(String[]::new)), out.toString());
    assertFalse(Files.exists(temp.resolve("taken.jsonl")));
    return out.toString();
  }

  @Test
  void refusesAPlanThatTakesNothing() {
    String refusal = refusal();
    assertTrue(refusal.contains("give --seeds NAME=DIR"), refusal);
  }

  @Test
  void refusesABudgetOfHostsWhereThereAreNone() {
    String refusal = refusal("--seeds", "own=" + temp, "--set", "curator.plan.images_per_host=3");
    assertTrue(refusal.contains("files of a directory come from no host"), refusal);
  }
}
