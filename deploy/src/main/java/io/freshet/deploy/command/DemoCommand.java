package io.freshet.deploy.command;

import io.freshet.deploy.demo.Demo;
import io.freshet.deploy.demo.DemoOptions;
import io.freshet.platform.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code freshet demo}: the whole loop on this machine with real images. */
@Command(
    name = "demo",
    description = {
      "Run the whole loop on this machine: a local web site with real images, the crawl, the",
      "curated stream, the trainer, published models and features. Ends with a report.",
      "Exit code 0 if the loop closed. Ctrl-C ends it cleanly; the same --state goes on."
    },
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "8",
      description =
          "How long to run (default: ${DEFAULT-VALUE}); up to twice as long where no model is"
              + " released before.")
  private double minutes;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port of the console (default: http.port).")
  private Integer port;

  @Option(names = "--no-browser", description = "Don't open the console in a browser.")
  private boolean noBrowser;

  @Option(names = "--json", paramLabel = "FILE", description = "Also write report.json to FILE.")
  private Path json;

  @Override
  public Integer call() {
    if (!(minutes > 0 && minutes <= 7 * 24 * 60)) {
      throw new IllegalArgumentException("--minutes must be above 0 and at most a week");
    }
    Path home = Path.of(System.getProperty("freshet.home", "deploy"));
    Config base =
        StateDirectory.under(Config.defaults().profile("demo"), home.resolve(".state/demo"));
    Config config = options.over(base);
    if (port != null) {
      config = config.with("http.port", port.toString());
    }
    config = Demo.allowingItsSite(config);
    DemoOptions demo =
        new DemoOptions(
            home.resolve("data"),
            options.state().orElse(home.resolve(".state/demo")),
            Duration.ofMillis(Math.round(minutes * 60_000)),
            !noBrowser,
            Optional.ofNullable(json));
    return new Demo(config, demo, spec.commandLine().getOut()).run() ? 0 : 1;
  }
}
