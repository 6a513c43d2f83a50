package io.freshet.deploy.command;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.ReleaseCatalog;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet models}: the releases in the registry. */
@Command(
    name = "models",
    description =
        "Releases: list, show, compare and copy them; promote one, go back to the one before,"
            + " remove old ones, find those that had read a benchmark.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ModelsCommand.Ls.class,
      ModelsCommand.Show.class,
      ModelsDiffCommand.class,
      ContaminationCommand.class,
      ModelsPullCommand.class,
      AliasCommands.Promote.class,
      AliasCommands.Rollback.class,
      ModelsGcCommand.class
    })
public final class ModelsCommand {
  /** {@code freshet models ls}. */
  @Command(name = "ls", description = "List releases.", mixinStandardHelpOptions = true)
  static final class Ls implements Runnable {
    @Mixin private RegistryOptions options;
    @Spec private CommandSpec spec;

    @Override
    public void run() {
      ReleaseCatalog registry = options.catalog();
      Map<String, ModelVersion> aliases = registry.aliases();
      PrintWriter out = spec.commandLine().getOut();
      out.printf(
          "%-16s %-22s %8s  %-20s %s%n", "VERSION", "ARCHITECTURE", "STEP", "ALIASES", "METRICS");
      for (ModelVersion version : registry.versions()) {
        Optional<Manifest> manifest = registry.intactManifest(version);
        String pointing =
            aliases.entrySet().stream()
                .filter(alias -> alias.getValue().equals(version))
                .map(Map.Entry::getKey)
                .sorted()
                .collect(Collectors.joining(","));
        out.printf(
            "%-16s %-22s %8s  %-20s %s%n",
            version,
            manifest.map(Manifest::architecture).orElse("-"),
            manifest.map(intact -> "%,d".formatted(intact.step())).orElse("-"),
            pointing,
            manifest
                .<Object>map(intact -> new TreeMap<>(intact.metrics()))
                .orElse("ALTERED, see models show " + version));
      }
      out.flush();
    }
  }

  /** {@code freshet models show REF}. */
  @Command(
      name = "show",
      description = "Show a release: a version such as freshet@3, or an alias.",
      mixinStandardHelpOptions = true)
  static final class Show implements Runnable {
    @Mixin private RegistryOptions options;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "VERSION|ALIAS")
    private String reference;

    @Override
    public void run() {
      ReleaseCatalog registry = options.catalog();
      ModelVersion version = RegistryOptions.resolve(registry, reference);
      Manifest manifest = registry.manifest(version);
      PrintWriter out = spec.commandLine().getOut();
      out.printf("version       %s%n", version);
      registry
          .aliasHistory(reference)
          .forEach(
              move ->
                  out.printf(
                      "%-13s %s since %s: %s%n",
                      reference, move.target(), move.movedAt(), move.reason()));
      out.printf("published     %s%n", manifest.createdAt());
      out.printf("architecture  %s, %d dim%n", manifest.architecture(), manifest.dim());
      out.printf("run           %s%n", manifest.runId());
      out.printf("step          %,d (%,d images seen)%n", manifest.step(), manifest.imagesSeen());
      out.printf("licence       %s%n", manifest.licence());
      new TreeMap<>(manifest.metrics())
          .forEach((name, value) -> out.printf("metric        %s = %.4f%n", name, value));
      manifest
          .files()
          .forEach((path, file) -> out.printf("file          %,12d  %s%n", file.size(), path));
      out.printf("signature     %s%n", signature(registry, version));
      if (options.isDirectory() && registry instanceof ModelRegistry directory) {
        out.printf("verified in   %s%n", directory.open(version));
      }
      out.flush();
    }

    private String signature(ReleaseCatalog registry, ModelVersion version) {
      Optional<byte[]> signature = registry.signature(version);
      return options
          .trustedKeys()
          .signer(registry.manifestBytes(version), signature)
          .map(key -> "by the trusted key " + key)
          .orElse(signature.isPresent() ? "by no trusted key" : "none");
    }
  }
}
