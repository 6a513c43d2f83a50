package io.freshet.deploy.bench;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all measurements share. */
final class BenchOptions {
  @Option(names = "--json", paramLabel = "FILE", description = "Write the same figures to FILE.")
  private Path json;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** Prints and writes what was measured. */
  void report(Figures figures) {
    figures.report(out(), Optional.ofNullable(json));
  }

  PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
