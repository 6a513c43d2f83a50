package io.freshet.deploy.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.BlobUnavailableException;
import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Topics;
import io.freshet.vision.adapter.AdapterFile;
import io.freshet.vision.adapter.AdapterFit;
import io.freshet.vision.adapter.SpaceAdapter;
import io.freshet.vision.adapter.SpacePairs;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.ImageRejectedException;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet compat}: whether vectors of two releases may be mixed. */
@Command(
    name = "compat",
    description = {
      "May I mix the vectors of two releases? Embeds the same images with both, fits a rotation and a",
      "low-rank affine map in both directions on four fifths of them and measures recall@10 on the rest.",
      "Exit code 0 when a map keeps as much as --min-recall in the direction OLD to NEW, 2 when none does."
    },
    mixinStandardHelpOptions = true)
public final class CompatCommand implements Callable<Integer> {
  private static final int BATCH = 16;
  private static final int NOT_COMPATIBLE = 2;

  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "OLD", description = "A release, an alias or a directory.")
  private String oldModel;

  @Parameters(index = "1", paramLabel = "NEW", description = "The same.")
  private String newModel;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description = "Images to compare on; default: a sample of the stored unique images.")
  private Optional<Path> images = Optional.empty();

  @Option(
      names = "--pairs",
      defaultValue = "2000",
      description = "At most so many images; default: ${DEFAULT-VALUE}.")
  private int pairs;

  @Option(
      names = "--rank",
      defaultValue = "64",
      description = "Of the affine map; default: ${DEFAULT-VALUE}.")
  private int rank;

  @Option(
      names = "--min-recall",
      defaultValue = "0.8",
      description = "What a map must keep to be recommended; default: ${DEFAULT-VALUE}.")
  private double minRecall;

  @Option(names = "--seed", defaultValue = "1", description = "Of the sample.")
  private long seed;

  @Option(
      names = "--to",
      paramLabel = "DIR",
      description = "Write the adapters there, for SpacePolicy.adapting of the client library.")
  private Optional<Path> to = Optional.empty();

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to FILE.")
  private Optional<Path> json = Optional.empty();

  private PrintWriter out;

  /** Both directions of one way to compare. */
  private record Line(String way, double forward, double backward) {}

  @Override
  public Integer call() throws IOException {
    if (pairs < AdapterFit.MIN_PAIRS || rank < 1) {
      throw new IllegalArgumentException(
          "--pairs must be at least %d and --rank at least 1, not %d and %d"
              .formatted(AdapterFit.MIN_PAIRS, pairs, rank));
    }
    out = spec.commandLine().getOut();
    List<RgbImage> sample = images.isPresent() ? files(images.get()) : stored();
    SpacePairs both = embedded(sample);
    AdapterFit forward = new AdapterFit(both);
    AdapterFit backward = new AdapterFit(both.reversed());
    List<SpaceAdapter> adapters = new ArrayList<>();
    List<Line> lines = new ArrayList<>();
    lines.add(new Line("as they are", forward.recallUnadapted(), backward.recallUnadapted()));
    if (both.from().get(0).length == both.to().get(0).length) {
      lines.add(line("orthogonal", forward.orthogonal(), backward.orthogonal(), adapters));
    }
    lines.add(
        line(
            "low-rank affine, rank " + rank,
            forward.lowRankAffine(rank),
            backward.lowRankAffine(rank),
            adapters));
    print(both, forward.measuredPairs(), lines);
    if (to.isPresent()) {
      write(adapters, to.get());
    }
    SpaceAdapter best =
        adapters.stream()
            .filter(adapter -> adapter.toSpace().equals(both.toSpace()))
            .max((a, b) -> Double.compare(a.recallAt10(), b.recallAt10()))
            .orElseThrow();
    boolean compatible = best.recallAt10() >= minRecall;
    out.printf(
        "May I mix them? %s%n",
        lines.get(0).forward() >= minRecall
            ? "Yes, as they are."
            : compatible
                ? "Not as they are; with the %s adapter %.0f %% of the ten nearest stay."
                    .formatted(best.kind().text(), 100 * best.recallAt10())
                : "No: the best adapter keeps %.0f %% of the ten nearest, wanted are %.0f %%."
                    .formatted(100 * best.recallAt10(), 100 * minRecall));
    out.flush();
    if (json.isPresent()) {
      writeJson(both, forward.measuredPairs(), lines, compatible, json.get());
    }
    return compatible ? 0 : NOT_COMPATIBLE;
  }

  private static Line line(
      String way, SpaceAdapter forward, SpaceAdapter backward, List<SpaceAdapter> adapters) {
    adapters.add(forward);
    adapters.add(backward);
    return new Line(way, forward.recallAt10(), backward.recallAt10());
  }

  private void print(SpacePairs both, int measured, List<Line> lines) {
    out.printf(
        "old: %s, new: %s; %,d images fitted on, %,d measured%n",
        both.fromSpace(), both.toSpace(), both.from().size() - measured, measured);
    out.printf("%-32s %12s %12s%n", "recall@10", "old to new", "new to old");
    lines.forEach(
        line -> out.printf("%-32s %12.3f %12.3f%n", line.way(), line.forward(), line.backward()));
    out.flush();
  }

  private List<RgbImage> files(Path dir) throws IOException {
    List<Path> files = new ArrayList<>(ImageFiles.under(List.of(dir)));
    Collections.shuffle(files, new Random(seed));
    ImageFiles reader = new ImageFiles();
    List<RgbImage> sample = new ArrayList<>();
    for (Path file : files) {
      if (sample.size() == pairs) {
        break;
      }
      try {
        sample.add(reader.read(file));
      } catch (ImageRejectedException e) {
        spec.commandLine().getErr().println("freshet: " + file + ": " + e.getMessage());
      }
    }
    return sample;
  }

  /** A uniform sample of the unique images whose bytes are there (reservoir sampling). */
  private List<RgbImage> stored() {
    Config config = options.load();
    Random random = new Random(seed);
    List<BlobRef> reservoir = new ArrayList<>();
    long[] seen = {0};
    new TopicReader<>(config.section("kafka", KafkaConfig.class), Topics.IMAGE_UNIQUE)
        .forEach(
            message -> {
              seen[0]++;
              if (reservoir.size() < pairs) {
                reservoir.add(message.value().getBlob());
              } else {
                long at = (long) (random.nextDouble() * seen[0]);
                if (at < pairs) {
                  reservoir.set((int) at, message.value().getBlob());
                }
              }
            });
    Collections.shuffle(reservoir, random);
    BlobStore blobs = BlobStores.open(config.section("blobs", BlobConfig.class));
    List<RgbImage> sample = new ArrayList<>();
    for (BlobRef blob : reservoir) {
      try {
        sample.add(CanonicalEncoding.decode(blobs.read(blob)));
      } catch (BlobUnavailableException e) {
        spec.commandLine().getErr().println("freshet: " + e.getMessage());
      }
    }
    return sample;
  }

  private SpacePairs embedded(List<RgbImage> sample) {
    if (sample.isEmpty()) {
      throw new IllegalArgumentException(
          "there are no images to compare on; name a directory with --images");
    }
    try (ImageEmbedder before = ReleaseEmbedders.open(options, oldModel, false);
        ImageEmbedder after = ReleaseEmbedders.open(options, newModel, false)) {
      if (before.space().equals(after.space())) {
        throw new IllegalArgumentException(
            "%s and %s are the same space, %s".formatted(oldModel, newModel, before.space()));
      }
      return new SpacePairs(
          before.space().id(), after.space().id(), vectors(before, sample), vectors(after, sample));
    }
  }

  private List<float[]> vectors(ImageEmbedder embedder, List<RgbImage> sample) {
    List<float[]> vectors = new ArrayList<>();
    CommandProgress progress = new CommandProgress(out);
    progress.at(embedder.space().id(), 0, sample.size());
    for (int from = 0; from < sample.size(); from += BATCH) {
      List<RgbImage> batch = sample.subList(from, Math.min(sample.size(), from + BATCH));
      vectors.addAll(List.of(embedder.embed(batch)));
      progress.at(embedder.space().id(), vectors.size(), sample.size());
    }
    progress.end();
    return vectors;
  }

  private void write(List<SpaceAdapter> adapters, Path dir) throws IOException {
    Files.createDirectories(dir);
    for (SpaceAdapter adapter : adapters) {
      Path file =
          dir.resolve(
              "%s--%s--%s.json"
                  .formatted(
                      adapter.fromSpace().replace('/', '_'),
                      adapter.toSpace().replace('/', '_'),
                      adapter.kind().text()));
      AdapterFile.write(adapter, file);
      out.println("wrote " + file);
    }
  }

  private static void writeJson(
      SpacePairs both, int measured, List<Line> lines, boolean compatible, Path file)
      throws IOException {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("old_space", both.fromSpace());
    figures.put("new_space", both.toSpace());
    figures.put("fitted_images", both.from().size() - measured);
    figures.put("measured_images", measured);
    for (Line line : lines) {
      String name = line.way().replaceAll(",.*", "").replaceAll("[ -]", "_");
      figures.put(name + "_old_to_new_recall_at_10", line.forward());
      figures.put(name + "_new_to_old_recall_at_10", line.backward());
    }
    figures.put("compatible", compatible);
    new ObjectMapper()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .writeValue(file.toFile(), figures);
  }
}
