package io.freshet.deploy.command;

import io.freshet.deploy.node.Role;
import io.freshet.platform.config.Config;
import java.util.EnumSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One subcommand per role, each against the Kafka that {@code kafka.bootstrap_servers} names. */
public final class RoleCommands {
  private RoleCommands() {}

  /** What the subcommands share: settings, and a role to run until the process is told to stop. */
  abstract static class RoleCommand implements Callable<Integer> {
    @Mixin private ConfigOptions options;
    @Spec private CommandSpec spec;
    private final Role role;

    RoleCommand(Role role) {
      this.role = role;
    }

    @Override
    public Integer call() {
      return Foreground.run(
          configured(options.load()), EnumSet.of(role), spec.commandLine().getOut());
    }

    /** The settings with the role's own options laid over them. */
    Config configured(Config config) {
      return config;
    }
  }

  /** {@code freshet ingest}. */
  @Command(
      name = "ingest",
      description = "Fetch, decode and store the images of the crawl.",
      mixinStandardHelpOptions = true)
  public static final class Ingest extends RoleCommand {
    public Ingest() {
      super(Role.INGEST);
    }
  }

  /** {@code freshet dedup}. */
  @Command(
      name = "dedup",
      description = "Tell unique images from duplicates.",
      mixinStandardHelpOptions = true)
  public static final class Dedup extends RoleCommand {
    public Dedup() {
      super(Role.DEDUP);
    }
  }

  /** {@code freshet curate}. */
  @Command(
      name = "curate",
      description = "Retrieve the images nearest to the seeds.",
      mixinStandardHelpOptions = true,
      subcommands = CurateBatchCommand.class)
  public static final class Curate extends RoleCommand {
    public Curate() {
      super(Role.CURATOR);
    }
  }

  /** {@code freshet train}. */
  @Command(
      name = "train",
      description = "Train on the curated stream and publish releases.",
      mixinStandardHelpOptions = true)
  public static final class Train extends RoleCommand {
    @Option(
        names = "--from",
        paramLabel = "RELEASE|DIR",
        description =
            "Begin a new run with a release: latest, an alias, a version such as freshet@3, or a directory.")
    private String from;

    public Train() {
      super(Role.TRAINER);
    }

    @Override
    Config configured(Config config) {
      return from == null ? config : config.with("trainer.start.from", from);
    }
  }

  /** {@code freshet features}. */
  @Command(
      name = "features",
      description = "Write the features of every unique image.",
      mixinStandardHelpOptions = true)
  public static final class Features extends RoleCommand {
    public Features() {
      super(Role.FEATURES);
    }
  }

  /** {@code freshet serve}. */
  @Command(
      name = "serve",
      description = "Serve the registry and the console.",
      mixinStandardHelpOptions = true)
  public static final class Serve extends RoleCommand {
    public Serve() {
      super(Role.CONSOLE);
    }
  }
}
