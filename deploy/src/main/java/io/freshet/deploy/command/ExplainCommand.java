package io.freshet.deploy.command;

import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.sink.life.ImageLife;
import io.freshet.sink.life.LifeEvent;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet explain}: the life of one image. */
@Command(
    name = "explain",
    description = {
      "Tell what every stage decided about an image, and why, from the topics.",
      "Reads them whole. Exit code 1 if no stage knows the image."
    },
    mixinStandardHelpOptions = true)
public final class ExplainCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "URL|ID", description = "An image's URL, image id or request id.")
  private String target;

  @Override
  public Integer call() {
    KafkaConfig kafka = options.load().section("kafka", KafkaConfig.class);
    List<LifeEvent> life = ImageLife.of(kafka, target);
    PrintWriter out = spec.commandLine().getOut();
    if (life.isEmpty()) {
      out.println("no record names " + target);
    }
    for (LifeEvent event : life) {
      out.printf(
          "%s  %-22s %s%n",
          event.at(),
          "%s %d:%d".formatted(event.topic(), event.partition(), event.offset()),
          event.verdict());
    }
    out.flush();
    return life.isEmpty() ? 1 : 0;
  }
}
