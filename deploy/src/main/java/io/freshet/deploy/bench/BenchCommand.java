package io.freshet.deploy.bench;

import picocli.CommandLine.Command;

/** {@code freshet bench}: the group of all measurements. */
@Command(
    name = "bench",
    description = "Measure this machine and what Freshet makes of it, on real images.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      TrainBench.class,
      QualityBench.class,
      ContinualBench.class,
      ParallelBench.class,
      EmbedBench.class,
      BackfillBench.class,
      CuratorBench.class,
      AugmentBench.class,
      DedupBench.class,
      CurationBench.class
    })
public final class BenchCommand {}
