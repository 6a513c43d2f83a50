package io.freshet.deploy.command;

import io.freshet.curator.seeds.LabelledFiles;
import io.freshet.curator.seeds.SeedRegistrar;
import io.freshet.deploy.node.TopicWriter;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.Topics;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet seeds}: the curated datasets of a running deployment. */
@Command(
    name = "seeds",
    description = "Curated datasets: add one, withdraw seeds, list them.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {SeedsCommand.Add.class, SeedsCommand.Rm.class, SeedsCommand.Ls.class})
public final class SeedsCommand {

  /** {@code freshet seeds add}. */
  @Command(
      name = "add",
      description = "Register the images of a directory or zip as seeds of a dataset.",
      mixinStandardHelpOptions = true)
  static final class Add implements Callable<Integer> {
    @Mixin private ConfigOptions options;
    @Spec private CommandSpec spec;

    @Option(names = "--dataset", required = true, paramLabel = "NAME")
    private String dataset;

    @Option(
        names = "--role",
        required = true,
        paramLabel = "ROLE",
        description = "SEED attracts images, EVALUATION measures models, BENCHMARK repels copies.")
    private SeedRole role;

    @Option(
        names = "--labels",
        required = true,
        paramLabel = "CSV",
        description = "Columns file,label[,split]; split is bank or query, for EVALUATION.")
    private Path labels;

    @Parameters(paramLabel = "DIR|ZIP")
    private Path images;

    @Override
    public Integer call() {
      if (role == SeedRole.UNKNOWN) {
        throw new IllegalArgumentException("--role must be SEED, EVALUATION or BENCHMARK");
      }
      Config config = options.load();
      PrintWriter out = spec.commandLine().getOut();
      try (LabelledFiles files = LabelledFiles.open(images, labels);
          TopicWriter<SeedImage> topic =
              new TopicWriter<>(
                  config.section("kafka", KafkaConfig.class), Topics.SEED_REGISTERED)) {
        SeedRegistrar registrar =
            new SeedRegistrar(
                BlobStores.open(config.section("blobs", BlobConfig.class)),
                topic::write,
                InstantSource.system());
        SeedRegistrar.Outcome outcome = registrar.register(dataset, role, files.stream());
        outcome.refused().forEach(refusal -> out.println("refused " + refusal));
        out.printf(
            "%d of %d images registered in %s as %s%n",
            outcome.registered(), files.size(), dataset, role);
        out.flush();
        return outcome.refused().isEmpty() ? 0 : 1;
      }
    }
  }

  /** {@code freshet seeds rm}. */
  @Command(
      name = "rm",
      description =
          "Withdraw seeds of a dataset while everything runs; they attract nothing more. Not"
              + " benchmarks, which stay.",
      mixinStandardHelpOptions = true)
  static final class Rm implements Callable<Integer> {
    @Mixin private ConfigOptions options;
    @Spec private CommandSpec spec;

    @Option(names = "--dataset", required = true, paramLabel = "NAME")
    private String dataset;

    @Option(
        names = "--role",
        required = true,
        paramLabel = "ROLE",
        description = "SEED or EVALUATION.")
    private SeedRole role;

    @Parameters(
        paramLabel = "FILE",
        arity = "0..*",
        description = "Names as they were registered; default: all of the dataset in this role.")
    private List<String> files = List.of();

    @Override
    public Integer call() {
      if (role == SeedRole.BENCHMARK) {
        throw new IllegalArgumentException(
            "benchmarks can't be withdrawn: deduplication goes on refusing what is near to %s,"
                    .formatted(dataset)
                + " and what it withdrew stays withdrawn; --role must be SEED or EVALUATION");
      }
      KafkaConfig kafka = options.load().section("kafka", KafkaConfig.class);
      Map<String, SeedImage> registered =
          new TopicReader<>(kafka, Topics.SEED_REGISTERED).latestByKey();
      List<String> keys =
          registered.entrySet().stream()
              .filter(entry -> isWithdrawn(entry.getValue()))
              .map(Map.Entry::getKey)
              .sorted()
              .toList();
      if (keys.isEmpty()) {
        throw new IllegalArgumentException(
            "no such seed in %s as %s; see freshet seeds ls".formatted(dataset, role));
      }
      try (TopicWriter<SeedImage> topic = new TopicWriter<>(kafka, Topics.SEED_REGISTERED)) {
        keys.forEach(topic::erase);
      }
      PrintWriter out = spec.commandLine().getOut();
      out.printf("%d images withdrawn from %s as %s%n", keys.size(), dataset, role);
      out.flush();
      return 0;
    }

    private boolean isWithdrawn(SeedImage seed) {
      return seed.getDataset().equals(dataset)
          && seed.getRole() == role
          && (files.isEmpty() || files.contains(seed.getFile()));
    }
  }

  /** {@code freshet seeds ls}. */
  @Command(
      name = "ls",
      description = "List the registered datasets with their roles and sizes.",
      mixinStandardHelpOptions = true)
  static final class Ls implements Runnable {
    @Mixin private ConfigOptions options;
    @Spec private CommandSpec spec;

    @Override
    public void run() {
      Map<String, Integer> sizes = new TreeMap<>();
      KafkaConfig kafka = options.load().section("kafka", KafkaConfig.class);
      TopicReader<SeedImage> topic = new TopicReader<>(kafka, Topics.SEED_REGISTERED);
      for (SeedImage seed : topic.latestByKey().values()) {
        sizes.merge("%-20s %s".formatted(seed.getDataset(), seed.getRole()), 1, Integer::sum);
      }
      PrintWriter out = spec.commandLine().getOut();
      sizes.forEach((dataset, size) -> out.printf("%-34s %,8d images%n", dataset, size));
      out.flush();
    }
  }
}
