package io.freshet.deploy.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code freshet config}: what the other commands would run with. */
@Command(
    name = "config",
    description = "Print the settings that result from the options.",
    mixinStandardHelpOptions = true)
public final class ConfigCommand implements Runnable {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().getOut().print(options.load().toYaml());
  }
}
