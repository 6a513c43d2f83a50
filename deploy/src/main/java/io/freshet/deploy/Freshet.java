package io.freshet.deploy;

import io.freshet.deploy.bench.BenchCommand;
import io.freshet.deploy.command.AuditCommand;
import io.freshet.deploy.command.BackfillCommand;
import io.freshet.deploy.command.CompatCommand;
import io.freshet.deploy.command.ConfigCommand;
import io.freshet.deploy.command.DemoCommand;
import io.freshet.deploy.command.EmbedCommand;
import io.freshet.deploy.command.EvalCommand;
import io.freshet.deploy.command.ExplainCommand;
import io.freshet.deploy.command.ModelsCommand;
import io.freshet.deploy.command.RevokeCommand;
import io.freshet.deploy.command.RoleCommands;
import io.freshet.deploy.command.SeedsCommand;
import io.freshet.deploy.command.UpCommand;
import io.freshet.deploy.command.WeightsCommand;
import io.freshet.platform.config.ConfigException;
import io.freshet.platform.registry.RegistryException;
import io.freshet.vision.weights.MalformedWeightsException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of {@code deploy/bin/freshet}. */
@Command(
    name = "freshet",
    description = "Keeps visual embeddings fresh: a crawl in, models and features out, for ever.",
    mixinStandardHelpOptions = true,
    version = "freshet 0.1.0",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      UpCommand.class,
      RoleCommands.Ingest.class,
      RoleCommands.Dedup.class,
      RoleCommands.Curate.class,
      RoleCommands.Train.class,
      RoleCommands.Features.class,
      RoleCommands.Serve.class,
      SeedsCommand.class,
      RevokeCommand.class,
      BackfillCommand.class,
      ModelsCommand.class,
      WeightsCommand.class,
      EvalCommand.class,
      EmbedCommand.class,
      CompatCommand.class,
      AuditCommand.class,
      ExplainCommand.class,
      ConfigCommand.class,
      BenchCommand.class
    })
public final class Freshet {
  private Freshet() {}

  public static void main(String[] args) {
    CommandLine commandLine =
        new CommandLine(new Freshet()).setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setExecutionExceptionHandler(Freshet::explain);
    System.exit(commandLine.execute(args));
  }

  /** An error of the user's making is one line; anything else is a bug and shows where. */
  private static int explain(
      Exception error, CommandLine command, CommandLine.ParseResult arguments) {
    boolean usersOwn =
        error instanceof ConfigException
            || error instanceof IllegalArgumentException
            || error instanceof RegistryException
            || error instanceof MalformedWeightsException;
    command.getErr().println("freshet: " + error.getMessage());
    if (!usersOwn) {
      error.printStackTrace(command.getErr());
    }
    return command.getCommandSpec().exitCodeOnExecutionException();
  }
}
