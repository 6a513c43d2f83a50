package io.freshet.deploy.command;

import io.freshet.platform.registry.Garbage;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.RetentionPolicy;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code freshet models gc}. */
@Command(
    name = "gc",
    description = {
      "Remove old releases by the policy in registry.retention, and what killed publishers left.",
      "The newest of each model stay, and all that an alias points at or would go back to."
    },
    mixinStandardHelpOptions = true)
final class ModelsGcCommand implements Runnable {
  @Mixin private RegistryOptions options;
  @Spec private CommandSpec spec;

  @Option(
      names = "--keep-newest",
      paramLabel = "COUNT",
      description = "Releases of each model that stay, instead of the configured number.")
  private Optional<Integer> keepNewest = Optional.empty();

  @Option(
      names = "--keep-days",
      paramLabel = "DAYS",
      description = "How long a release stays at least, instead of the configured time.")
  private Optional<Integer> keepDays = Optional.empty();

  @Option(names = "--dry-run", description = "Only say what would go.")
  private boolean dryRun;

  @Override
  public void run() {
    if (!(options.catalog() instanceof ModelRegistry registry)) {
      throw new IllegalArgumentException(
          "releases are removed where the registry lies: name its directory or s3://BUCKET, not a"
              + " server");
    }
    RetentionPolicy policy = options.configured().retention();
    if (keepNewest.isPresent()) {
      policy = policy.withKeepNewest(keepNewest.get());
    }
    if (keepDays.isPresent()) {
      policy = policy.withKeepFor(Duration.ofDays(keepDays.get()));
    }
    Garbage garbage = dryRun ? registry.garbage(policy) : registry.removeGarbage(policy);
    PrintWriter out = spec.commandLine().getOut();
    String verb = dryRun ? "would go" : "removed";
    garbage
        .releases()
        .forEach((version, bytes) -> out.printf("%s  %-22s %,15d bytes%n", verb, version, bytes));
    garbage
        .leftovers()
        .forEach((path, bytes) -> out.printf("%s  %-22s %,15d bytes%n", verb, path, bytes));
    out.printf(
        "%s: %,d releases, %,d leftovers, %,d bytes; %,d releases stay%n",
        verb,
        garbage.releases().size(),
        garbage.leftovers().size(),
        garbage.bytes(),
        registry.versions().size() - (dryRun ? garbage.releases().size() : 0));
    out.flush();
  }
}
