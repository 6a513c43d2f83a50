package io.freshet.deploy.command;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import java.io.PrintWriter;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet models}: the releases in the registry. */
@Command(
    name = "models",
    description = "Releases: list them, show one, point an alias at one.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ModelsCommand.Ls.class, ModelsCommand.Show.class, ModelsCommand.Alias.class})
public final class ModelsCommand {
  private static ModelRegistry registry(ConfigOptions options) {
    return ModelRegistries.open(options.load().section("registry", RegistryConfig.class));
  }

  private static ModelVersion resolve(ModelRegistry registry, String reference) {
    return registry
        .resolve(reference)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the registry has no '%s'; freshet models ls shows what it has"
                        .formatted(reference)));
  }

  /** {@code freshet models ls}. */
  @Command(name = "ls", description = "List releases.", mixinStandardHelpOptions = true)
  static final class Ls implements Runnable {
    @Mixin private ConfigOptions options;
    @Spec private CommandSpec spec;

    @Override
    public void run() {
      ModelRegistry registry = registry(options);
      Map<String, ModelVersion> aliases = registry.aliases();
      PrintWriter out = spec.commandLine().getOut();
      out.printf(
          "%-16s %-22s %8s  %-20s %s%n", "VERSION", "ARCHITECTURE", "STEP", "ALIASES", "METRICS");
      for (ModelVersion version : registry.versions()) {
        Manifest manifest = registry.manifest(version);
        String pointing =
            aliases.entrySet().stream()
                .filter(alias -> alias.getValue().equals(version))
                .map(Map.Entry::getKey)
                .sorted()
                .collect(Collectors.joining(","));
        out.printf(
            "%-16s %-22s %,8d  %-20s %s%n",
            version,
            manifest.architecture(),
            manifest.step(),
            pointing,
            new TreeMap<>(manifest.metrics()));
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
    @Mixin private ConfigOptions options;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "VERSION|ALIAS")
    private String reference;

    @Override
    public void run() {
      ModelRegistry registry = registry(options);
      ModelVersion version = resolve(registry, reference);
      Manifest manifest = registry.manifest(version);
      PrintWriter out = spec.commandLine().getOut();
      out.printf("version       %s%n", version);
      registry
          .aliasReason(reference)
          .ifPresent(reason -> out.printf("%-13s %s%n", reference, reason));
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
      out.printf("verified in   %s%n", registry.open(version));
      out.flush();
    }
  }

  /** {@code freshet models alias ALIAS REF}. */
  @Command(
      name = "alias",
      description = "Point an alias (champion, candidate, curation) at a release.",
      mixinStandardHelpOptions = true)
  static final class Alias implements Runnable {
    @Mixin private ConfigOptions options;
    @Spec private CommandSpec spec;

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        defaultValue = "none given",
        description = "Kept with the alias; default: ${DEFAULT-VALUE}.")
    private String reason;

    @Parameters(index = "0", paramLabel = "ALIAS")
    private String alias;

    @Parameters(index = "1", paramLabel = "VERSION|ALIAS")
    private String reference;

    @Override
    public void run() {
      ModelRegistry registry = registry(options);
      ModelVersion target = resolve(registry, reference);
      registry.moveAlias(
          alias, target, "by hand, %s: %s".formatted(System.getProperty("user.name"), reason));
      PrintWriter out = spec.commandLine().getOut();
      out.printf("%s is %s now%n", alias, target);
      out.flush();
    }
  }
}
