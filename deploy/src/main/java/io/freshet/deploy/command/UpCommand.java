package io.freshet.deploy.command;

import io.freshet.deploy.node.Role;
import java.util.EnumSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code freshet up}: every role in this process, with durable state. */
@Command(
    name = "up",
    description = {
      "Run every role in this process: the embedded Kafka broker, the Flink jobs, the trainer and",
      "the console. State is durable: after a stop or a crash, start it again."
    },
    mixinStandardHelpOptions = true)
public final class UpCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    return Foreground.run(options.load(), EnumSet.allOf(Role.class), spec.commandLine().getOut());
  }
}
