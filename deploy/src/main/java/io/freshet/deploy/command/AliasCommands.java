package io.freshet.deploy.command;

import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.ReleaseCatalog;
import io.freshet.sink.server.AliasAnnouncer;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Moving aliases by hand; each move is recorded with its reason and announced to the features. */
final class AliasCommands {
  private AliasCommands() {}

  /** What both moves need. */
  static final class MoveOptions {
    @Mixin private RegistryOptions registry;

    @Option(
        names = "--alias",
        paramLabel = "ALIAS",
        defaultValue = "champion",
        description = "champion, candidate, curation or your own; default: ${DEFAULT-VALUE}.")
    private String alias;

    @Option(
        names = "--reason",
        required = true,
        paramLabel = "TEXT",
        description = "Why; kept with the alias.")
    private String reason;

    @Option(
        names = "--no-announce",
        description = "Only move the alias: no broker runs that features could hear it from.")
    private boolean silent;

    private String reason() {
      return registry.isServer()
          ? reason
          : "by hand, %s: %s".formatted(System.getProperty("user.name"), reason);
    }

    /** Images of before have features in the space of the champion before, unless it was this. */
    private void sayWhatIsLeft(CommandSpec spec, ModelVersion champion) {
      if (!alias.equals("champion")) {
        return;
      }
      if (silent && !registry.isServer()) {
        say(
            spec,
            ("nothing was announced: features that have heard of another champion go on with that"
                    + " until %s is promoted without --no-announce")
                .formatted(champion));
      } else {
        say(
            spec,
            ("images that come in get features of %s; of stored ones freshet backfill plan tells how"
                    + " many lack them and what it costs, freshet backfill start embeds them")
                .formatted(champion));
      }
    }

    private void announce(ReleaseCatalog catalog, ModelVersion target) {
      if (silent || registry.isServer()) {
        return;
      }
      try {
        new AliasAnnouncer(registry.config().load().section("kafka", KafkaConfig.class))
            .announce(catalog.manifest(target), alias);
      } catch (IllegalStateException e) {
        throw new IllegalArgumentException(
            ("%s points at %s now, but features don't know: %s; start the broker and promote %s,"
                    + " or say --no-announce")
                .formatted(alias, target, e.getMessage(), target),
            e);
      }
    }
  }

  /** {@code freshet models promote}. */
  @Command(
      name = "promote",
      description = "Point an alias at a release, whatever the gate said.",
      mixinStandardHelpOptions = true)
  static final class Promote implements Runnable {
    @Mixin private MoveOptions move;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "VERSION|ALIAS")
    private String reference;

    @Override
    public void run() {
      ReleaseCatalog catalog = move.registry.catalog();
      ModelVersion target = RegistryOptions.resolve(catalog, reference);
      catalog.moveAlias(move.alias, target, move.reason());
      move.announce(catalog, target);
      say(spec, "%s is %s now".formatted(move.alias, target));
      move.sayWhatIsLeft(spec, target);
    }
  }

  /** {@code freshet models rollback}. */
  @Command(
      name = "rollback",
      description = "Point an alias back at the release before; twice in a row undoes it.",
      mixinStandardHelpOptions = true)
  static final class Rollback implements Runnable {
    @Mixin private MoveOptions move;
    @Spec private CommandSpec spec;

    @Override
    public void run() {
      ReleaseCatalog catalog = move.registry.catalog();
      ModelVersion before = RegistryOptions.resolve(catalog, move.alias);
      ModelVersion target = catalog.rollback(move.alias, move.reason());
      move.announce(catalog, target);
      say(spec, "%s is %s again, not %s".formatted(move.alias, target, before));
      move.sayWhatIsLeft(spec, target);
    }
  }

  private static void say(CommandSpec spec, String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(text);
    out.flush();
  }
}
