package io.freshet.deploy.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.freshet.deploy.contamination.BenchmarkExposure;
import io.freshet.deploy.contamination.Contamination;
import io.freshet.deploy.contamination.ContaminationTrace;
import io.freshet.deploy.contamination.ReleaseExposure;
import io.freshet.deploy.contamination.TrainedRelease;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.registry.ModelVersion;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code freshet models contamination}: what benchmarks that were registered late came too late
 * for.
 */
@Command(
    name = "contamination",
    description = {
      "Which releases had read images that a benchmark withdrew after they were let through: by"
          + " the",
      "ledger and the manifests, and by the releases they descend from. A release draws its"
          + " batches",
      "from what it has read. By benchmark, a dataset of BENCHMARK seeds, too: the one that was"
          + " there",
      "first of those an image is near to. An image that was merged into one which a benchmark"
          + " withdrew",
      "is of the same component and counts as withdrawn. Reads the topics whole. Exit code 1 if any release is"
          + " concerned."
    },
    mixinStandardHelpOptions = true)
final class ContaminationCommand implements Callable<Integer> {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** For benchmarks of records from before they named them. */
  private static final String UNNAMED = "(not named)";

  @Mixin private RegistryOptions options;
  @Spec private CommandSpec spec;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the same to FILE, with the ids of the images.")
  private Optional<Path> json = Optional.empty();

  @Override
  public Integer call() throws IOException {
    KafkaConfig kafka = options.config().load().section("kafka", KafkaConfig.class);
    Contamination found = new ContaminationTrace(kafka, options.catalog()).trace();
    print(found);
    if (json.isPresent()) {
      JSON.writeValue(json.get().toFile(), figures(found));
    }
    return found.exposed().isEmpty() ? 0 : 1;
  }

  private void print(Contamination found) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%,d images withdrawn for a benchmark (%,d by way of one that they were merged into),"
            + " %,d of them had been curated%n",
        found.withdrawn().size(), found.merged(), found.curated().size());
    printBenchmarks(found, out);
    out.printf("%,d of %,d releases concerned%n", found.exposed().size(), found.releases().size());
    if (!found.exposed().isEmpty()) {
      out.printf(
          "%-16s %-20s %10s %10s %12s %10s  %s%n",
          "RELEASE", "ALIASES", "STEP", "READ", "FROM STEP", "INHERITED", "RUN");
    }
    for (ReleaseExposure exposure : found.exposed()) {
      TrainedRelease release = exposure.release();
      out.printf(
          "%-16s %-20s %,10d %,10d %12s %,10d  %s%n",
          release.version(),
          String.join(",", release.aliases()),
          release.step(),
          exposure.read().size(),
          exposure.firstStep().isPresent()
              ? "%,d".formatted(exposure.firstStep().getAsLong())
              : "-",
          exposure.inherited().size(),
          release.runId());
    }
    for (ReleaseExposure exposure : found.releases()) {
      if (!exposure.unknownParents().isEmpty()) {
        out.printf(
            "%s descends from %s, which the registry no longer has whole; what they read can't be told%n",
            exposure.release().version(), exposure.unknownParents());
      }
    }
    for (ModelVersion version : found.altered()) {
      out.printf("%s was altered in the registry; what it had read can't be told%n", version);
    }
    out.flush();
  }

  private static void printBenchmarks(Contamination found, PrintWriter out) {
    if (!found.benchmarks().isEmpty()) {
      out.printf(
          "%-24s %10s %10s  %s%n",
          "BENCHMARK", "WITHDRAWN", "CURATED", "RELEASES THAT HAD READ ANY");
    }
    for (BenchmarkExposure benchmark : found.benchmarks()) {
      out.printf(
          "%-24s %,10d %,10d  %s%n",
          benchmark.dataset().orElse(UNNAMED),
          benchmark.withdrawn().size(),
          benchmark.curated().size(),
          benchmark.releases().isEmpty()
              ? "none"
              : benchmark.releases().stream()
                  .map(ContaminationCommand::described)
                  .collect(Collectors.joining(", ")));
    }
  }

  private static String described(BenchmarkExposure.Release release) {
    return release.inherited().isEmpty()
        ? "%s (%,d)".formatted(release.version(), release.read().size())
        : "%s (%,d, inherited %,d)"
            .formatted(release.version(), release.read().size(), release.inherited().size());
  }

  private static Map<String, Object> figures(BenchmarkExposure benchmark) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("dataset", benchmark.dataset().orElse(null));
    figures.put("withdrawn_images", benchmark.withdrawn().size());
    figures.put("curated_images", benchmark.curated().size());
    List<Map<String, Object>> releases = new ArrayList<>();
    for (BenchmarkExposure.Release exposed : benchmark.releases()) {
      Map<String, Object> release = new LinkedHashMap<>();
      release.put("release", exposed.version().toString());
      release.put("read_images", exposed.read().size());
      release.put("inherited_images", exposed.inherited().size());
      releases.add(release);
    }
    figures.put("releases", releases);
    return figures;
  }

  private static Map<String, Object> figures(Contamination found) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("withdrawn_images", found.withdrawn().size());
    figures.put("merged_images", found.merged());
    figures.put("curated_images", found.curated().size());
    figures.put("exposed_releases", found.exposed().size());
    figures.put(
        "benchmarks", found.benchmarks().stream().map(ContaminationCommand::figures).toList());
    List<Map<String, Object>> releases = new ArrayList<>();
    for (ReleaseExposure exposure : found.releases()) {
      Map<String, Object> release = new LinkedHashMap<>();
      release.put("release", exposure.release().version().toString());
      release.put("aliases", exposure.release().aliases());
      release.put("run_id", exposure.release().runId());
      release.put("step", exposure.release().step());
      release.put("read_image_ids", exposure.read());
      release.put(
          "first_step", exposure.firstStep().isPresent() ? exposure.firstStep().getAsLong() : null);
      release.put("inherited_image_ids", exposure.inherited());
      release.put(
          "unknown_parents", exposure.unknownParents().stream().map(Object::toString).toList());
      releases.add(release);
    }
    figures.put("releases", releases);
    figures.put("altered_releases", found.altered().stream().map(Object::toString).toList());
    List<Map<String, Object>> images = new ArrayList<>();
    found
        .withdrawn()
        .forEach(
            (id, withdrawal) -> {
              Map<String, Object> image = new LinkedHashMap<>();
              image.put("image_id", id);
              image.put("withdrawn_at", withdrawal.at().toString());
              image.put("benchmark", withdrawal.dataset().orElse(null));
              image.put("merged_into", withdrawal.mergedInto().orElse(null));
              image.put("curated", found.curated().contains(id));
              images.add(image);
            });
    figures.put("images", images);
    return figures;
  }
}
